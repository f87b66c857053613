import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';

test('all JavaScript is under 150 KB compressed', () => {
  const folder = path.resolve(
    __dirname,
    '../../jupyter_dlkit/labextension/static'
  );
  const sizes = readdirSync(folder)
    .filter(name => name.endsWith('.js'))
    .map(name => gzipSync(readFileSync(path.join(folder, name))).length);
  expect(sizes.length).toBeGreaterThan(1);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`JavaScript, compressed: ${(total / 1000).toFixed(1)} KB`);
  expect(total).toBeLessThan(150_000);
});
