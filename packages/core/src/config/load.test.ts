import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { stepLog } from '../action/log.ts';
import { expand } from '../action/expand.ts';
import { loadConfig, type LoadedConfig } from './load.ts';

let workspace: string;
beforeEach(async () => {
  workspace = await mkdtemp(path.join(os.tmpdir(), 'sluice-config-'));
});
afterEach(() => rm(workspace, { recursive: true, force: true }));

const load = (config?: string): Promise<LoadedConfig> =>
  loadConfig({
    inputs: config === undefined ? {} : { config },
    env: {},
    workspace,
    directory: workspace,
    log: stepLog,
    signal: new AbortController().signal,
  });

describe('the file', () => {
  test('may be absent', async () => {
    expect(await load()).toMatchObject({ config: { version: 1 }, base: workspace });
    expect(await load('sluice.yaml')).toMatchObject({ config: { version: 1 }, base: workspace });
  });

  test('its paths are relative to its folder', async () => {
    await mkdir(path.join(workspace, 'ml'));
    await writeFile(path.join(workspace, 'ml', 'sluice.yaml'), 'version: 1\nmodel: toy\n');
    expect(await load('ml/sluice.yaml')).toMatchObject({
      config: { version: 1, model: 'toy' },
      base: path.join(workspace, 'ml'),
      file: path.join(workspace, 'ml', 'sluice.yaml'),
    });
  });

  test('one that is named must exist', async () => {
    await expect(load('other.yaml')).rejects.toMatchObject({ reasonCode: 'missing-file' });
  });

  test('a folder is refused', async () => {
    await mkdir(path.join(workspace, 'sluice.yaml'));
    await expect(load()).rejects.toMatchObject({ reasonCode: 'bad-input' });
  });

  test('a pipe is refused: reading it would never end', async () => {
    execFileSync('mkfifo', [path.join(workspace, 'sluice.yaml')]);
    await expect(load()).rejects.toMatchObject({
      reasonCode: 'bad-input',
      message: expect.stringContaining('pipe'),
    });
  });

  test('a path through a file is a missing file', async () => {
    await writeFile(path.join(workspace, 'notes'), 'x');
    await expect(load('notes/sluice.yaml')).rejects.toMatchObject({ reasonCode: 'missing-file' });
  });

  test('a byte order mark and Windows line ends change nothing', async () => {
    await writeFile(path.join(workspace, 'sluice.yaml'), '\uFEFFversion: 1\r\nmodel: toy\r\n');
    expect((await load()).config).toEqual({ version: 1, model: 'toy' });
  });

  test('an empty one is refused, and says what to write', async () => {
    await writeFile(path.join(workspace, 'sluice.yaml'), ' \n');
    await expect(load()).rejects.toMatchObject({
      reasonCode: 'bad-config',
      message: "sluice.yaml is empty. Write at least 'version: 1', or delete it.",
    });
  });

  test('one outside of the workspace is refused', async () => {
    await expect(load('../sluice.yaml')).rejects.toMatchObject({ reasonCode: 'bad-input' });
  });
});

describe('expand', () => {
  test.each([
    ['dir:${ROOT}/models', 'dir:/srv/models'],
    ['${EMPTY:-a}${UNSET:-}', 'a'],
    ['$ROOT ${1} ${}', '$ROOT ${1} ${}'],
  ])('%s', (text, expected) => {
    expect(expand(text, 'registry.store', { ROOT: '/srv', EMPTY: '' })).toBe(expected);
  });

  test('an unset name is told with its place', () => {
    expect(() => expand('dir:${ROOT}', 'registry.store', {})).toThrow(
      expect.objectContaining({
        reasonCode: 'bad-config',
        message: expect.stringMatching(/^registry\.store is 'dir:\$\{ROOT\}', but ROOT is not set\./),
      }),
    );
  });

  test('a value is never expanded again', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        expect(expand('<${A}>', 'x', { A: value, B: 'no' })).toBe(`<${value}>`);
      }),
    );
    expect(expand('${A}', 'x', { A: '${B}', B: 'no' })).toBe('${B}');
  });
});
