import { expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { HELPER_OUTPUT_BYTES, runHelper } from './helper.ts';

it('gives what this helper needs and settings of one run', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-helper-'));
  const { code, output } = await runHelper(
    process.execPath,
    ['-e', 'console.log(JSON.stringify({ cwd: process.cwd(), ...process.env }))'],
    {
      env: { PATH: '/bin', npm_config_registry: 'r', OTHER: 'o' },
      also: /^npm_config_\w+$/,
      extra: { SETTING: 's' },
      folder,
      signal: new AbortController().signal,
    },
  );
  await rm(folder, { recursive: true });
  expect(code).toBe(0);
  expect(JSON.parse(output)).toEqual({ cwd: folder, PATH: '/bin', npm_config_registry: 'r', SETTING: 's' });
});

it('keeps the end of what a helper prints, and no more of it than is needed', async () => {
  const { output } = await runHelper(
    process.execPath,
    ['-e', "for (let i = 0; i < 100; i++) console.log('x'.repeat(10_000)); console.log('the reason')"],
    { env: { PATH: '/bin' }, folder: os.tmpdir(), signal: new AbortController().signal },
  );
  expect(output.length).toBeLessThanOrEqual(HELPER_OUTPUT_BYTES);
  expect(output).toMatch(/x{10000}\nthe reason\n$/);
});
