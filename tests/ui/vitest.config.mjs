import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['*.test.ts'],
    // Nothing here waits for time: a slow machine is no failure.
    testTimeout: 60_000,
    // The packages of Jupyter and Lumino are written for bundlers.
    server: { deps: { inline: [/@jupyterlab/, /@lumino/] } },
    pool: 'threads',
    poolOptions: { threads: { singleThread: true } }
  },
  cacheDir: new URL('../../node_modules/.vite', import.meta.url).pathname
});
