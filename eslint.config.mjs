import jupyter from '@jupyter/eslint-plugin';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      '**/node_modules',
      '.venv*',
      'lib',
      'jupyter_dlkit',
      'src/api/schema.ts',
      'tests/browser/test-results',
      'tests/browser/playwright-report'
    ]
  },
  {
    files: ['src/**/*.{ts,tsx}', 'tests/{ui,browser}/**/*.ts'],
    extends: [tseslint.configs.strict],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-namespace': 'off',
      // The place of each use says why the value is there.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'after-used' }],
      curly: 'error',
      eqeqeq: 'error'
    }
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { jupyter, 'react-hooks': hooks },
    rules: {
      ...jupyter.configs.recommended[0].rules,
      // All of the extension is smaller than what a second request costs.
      'jupyter/prefer-lazy-imports': 'off',
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error'
    },
    languageOptions: {
      parserOptions: { project: './tsconfig.json' }
    }
  }
);
