import { beforeEach, expect, test } from '@jest/globals';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';

interface Released {
  readonly tag: string;
  readonly major: string;
  readonly notes: string;
}
const SCRIPT: string = './release.mjs';
const { release } = (await import(SCRIPT)) as {
  release: (
    root: string,
    options: { version: string; date: string; dryRun: boolean; build: () => void },
  ) => Released;
};

const CHANGELOG =
  '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 1.0.0 - 2026-01-01\n\n- First.\n';
let root: string;

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
const text = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8');
const write = (file: string, content: string): Promise<void> => writeFile(path.join(root, file), content);

/** As scripts/build.mjs: dist/ follows from the sources. */
function build(): void {
  const script = `const fs = require('fs'); fs.writeFileSync('dist/main.js', fs.readFileSync('packages/core/src/action/version.ts'))`;
  execFileSync(process.execPath, ['-e', script], { cwd: root });
}
const run = (version: string, dryRun = false): Released =>
  release(root, { version, date: '2026-12-01', dryRun, build });

beforeEach(async () => {
  root = await temporaryFolder('release');
  await mkdir(path.join(root, 'packages/core/src/action'), { recursive: true });
  await mkdir(path.join(root, 'dist'));
  const manifest = { name: 'sluice', version: '1.0.0', private: true };
  await write('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  await write('packages/core/package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  const packages = { '': manifest, 'packages/core': manifest, 'node_modules/x': { version: '1.0.0' } };
  await write('package-lock.json', `${JSON.stringify({ ...manifest, packages }, null, 2)}\n`);
  await write('packages/core/src/action/version.ts', "export const VERSION = '1.0.0';\n");
  await write('CHANGELOG.md', CHANGELOG);
  build();
  git('init', '--quiet');
  git('config', 'user.name', 'a');
  git('config', 'user.email', 'a@b');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'All');
  git('tag', '--annotate', 'v1.0.0', '--message', 'x');
  git('tag', '--annotate', 'v1', '--message', 'x');
});

test('a release is one commit with version, changelog and dist, a tag, and the tag of its major version', async () => {
  expect(run('1.1.0')).toEqual({ tag: 'v1.1.0', major: 'v1', notes: '### Added\n\n- A thing.' });
  expect(git('log', '--format=%s')).toBe('Release 1.1.0\nAll');
  expect(git('status', '--porcelain')).toBe('');
  const head = git('rev-parse', 'HEAD');
  expect([git('rev-parse', 'v1.1.0^{commit}'), git('rev-parse', 'v1^{commit}')]).toEqual([head, head]);
  expect(git('cat-file', '-t', 'v1.1.0')).toBe('tag');
  for (const file of ['package.json', 'packages/core/package.json', 'package-lock.json']) {
    expect(JSON.parse(await text(file))).toMatchObject({ version: '1.1.0' });
  }
  const lock = JSON.parse(await text('package-lock.json')) as {
    packages: Record<string, { version: string }>;
  };
  expect(Object.values(lock.packages).map(({ version }) => version)).toEqual(['1.1.0', '1.1.0', '1.0.0']);
  expect(await text('dist/main.js')).toBe("export const VERSION = '1.1.0';\n");
  expect(await text('CHANGELOG.md')).toBe(
    CHANGELOG.replace('## Unreleased\n', '## Unreleased\n\n## 1.1.0 - 2026-12-01\n'),
  );
});

test('a new major version has a tag of its own, and leaves the old one', () => {
  run('2.0.0');
  expect(git('tag', '--list')).toBe('v1\nv1.0.0\nv2\nv2.0.0');
  expect(git('rev-parse', 'v1^{commit}')).toBe(git('rev-parse', 'v1.0.0^{commit}'));
});

test('a dry run says the notes and changes nothing', () => {
  const before = git('rev-parse', 'HEAD', 'v1');
  expect(run('1.1.0', true).notes).toBe('### Added\n\n- A thing.');
  expect([git('rev-parse', 'HEAD', 'v1'), git('status', '--porcelain'), git('tag', '--list')]).toEqual([
    before,
    '',
    'v1\nv1.0.0',
  ]);
});

test.each(['1.1', 'v1.1.0', '1.1.0-rc.1', '01.1.0', ''])('%j is no version', (version) => {
  expect(() => run(version)).toThrow('is no version. Write three numbers');
});

test('refused: a version that exists, and one below another of its major version', () => {
  expect(() => run('1.0.0')).toThrow('v1.0.0 exists');
  git('tag', '--annotate', 'v1.10.0', '--message', 'x');
  expect(() => run('1.9.0')).toThrow('v1.9.0 is older than v1.10.0');
});

test('refused: a checkout with changes, also with a file that git does not know', async () => {
  await write('new.txt', 'x');
  expect(() => run('1.1.0')).toThrow('The checkout has changes. Commit them, or take them away:\n?? new.txt');
});

test('refused: nothing under Unreleased', async () => {
  await write('CHANGELOG.md', CHANGELOG.replace('- A thing.\n', ''));
  git('commit', '--quiet', '--all', '--message', 'Empty');
  expect(() => run('1.1.0')).toThrow('says nothing under Unreleased');
});

test('refused: dist that is not what the sources build', async () => {
  await write('dist/main.js', 'old');
  git('commit', '--quiet', '--all', '--message', 'Old dist');
  expect(() => run('1.1.0', true)).toThrow('dist/ is not what the sources build');
});
