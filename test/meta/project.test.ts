import { expect, test } from '@jest/globals';
import { VERSION } from '@sluice/core/action/version.ts';
import { existsSync } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { parse } from 'yaml';
import { ROOT, actionNames } from '../../scripts/generate/actions.ts';
import { generatedFiles } from '../../scripts/generate/files.ts';

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

async function manifests(): Promise<Manifest[]> {
  const packages = await readdir(path.join(ROOT, 'packages'));
  const files = ['package.json', ...packages.map((name) => path.join('packages', name, 'package.json'))];
  return Promise.all(
    files.map(async (file) => JSON.parse(await readFile(path.join(ROOT, file), 'utf8')) as Manifest),
  );
}

test('the version in the code is the version of every package', async () => {
  expect(new Set((await manifests()).map(({ version }) => version))).toEqual(new Set([VERSION]));
});

test('dependencies are pinned exactly, and each is explained in CONTRIBUTING.md', async () => {
  const all = (await manifests()).flatMap((m) => Object.entries({ ...m.dependencies, ...m.devDependencies }));
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  const text = await readFile(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const table = text.slice(
    text.indexOf('<!-- dependencies-start -->'),
    text.indexOf('<!-- dependencies-end -->'),
  );
  const rows = [...table.matchAll(/^\| `([^`]+)` *\|.*\| *(\S.*?) *\|$/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual([...new Set(all.map(([name]) => name))].sort());
});

test('an override has a reason and a date to look again, within a year', async () => {
  const { overrides } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
    overrides: Readonly<Record<string, string>>;
  };
  const text = await readFile(path.join(ROOT, 'docs', 'decisions', 'versions-held-back.md'), 'utf8');
  const rows = [
    ...text.matchAll(
      /^\| `(?<name>[^`]+)` *\| `(?<version>[^`]+)` *\| *(?<why>\S[^|]{20,}?) *\| *(?<looked>[\d-]+) *\| *(?<again>[\d-]+) *\|$/gm,
    ),
  ].map(({ groups }) => groups as Record<'name' | 'version' | 'looked' | 'again', string>);
  expect(Object.fromEntries(rows.map(({ name, version }) => [name, version]))).toEqual(overrides);
  const days = rows.map(({ looked, again }) => (Date.parse(again) - Date.parse(looked)) / 86_400_000);
  expect(days.every((count) => count > 0 && count <= 366)).toBe(true);
});

test('every decision is in the index, with its date', async () => {
  const folder = path.join(ROOT, 'docs', 'decisions');
  const index = await readFile(path.join(folder, 'README.md'), 'utf8');
  const rows = [...index.matchAll(/^\| (\d{4}-\d\d-\d\d) \| \[([^\]]+)\]\(([^)]+)\) *\|$/gm)];
  const records = (await readdir(folder)).filter((name) => name !== 'README.md');
  expect(rows.map(([, , , file]) => file).sort()).toEqual(records.sort());
  for (const [, date, title, file = ''] of rows) {
    const text = await readFile(path.join(folder, file), 'utf8');
    expect(text.startsWith(`# ${title}\n\n${date}\n\n## Context\n`)).toBe(true);
    expect(text.match(/^## .*/gm)).toEqual(['## Context', '## Decision', '## Consequences']);
  }
});

test('every picture is shown, is there, and is small enough for a telephone', async () => {
  const images = path.join(ROOT, 'docs', 'images');
  const pages = ['.', ...(await actionNames()).map((name) => path.join('actions', name))];
  const shown = await Promise.all(
    pages.map(async (folder) => {
      const text = await readFile(path.join(ROOT, folder, 'README.md'), 'utf8');
      return [...text.matchAll(/(?:src|srcset)="([^"]+\.png)"/g)].map(([, file = '']) =>
        path.join(ROOT, folder, file),
      );
    }),
  );
  const there = (await readdir(images)).map((name) => path.join(images, name));
  expect([...new Set(shown.flat())].sort()).toEqual(there.sort());
  const sizes = await Promise.all(there.map(async (file) => ({ file, size: (await stat(file)).size })));
  expect(sizes.filter(({ size }) => size > 81_920)).toEqual([]);
});

test('the lock file names no download addresses', async () => {
  expect(await readFile(path.join(ROOT, 'package-lock.json'), 'utf8')).not.toContain('"resolved": "http');
});

test('generated files are as npm run generate writes them', async () => {
  const stale: string[] = [];
  for (const [file, text] of await generatedFiles()) {
    const absolute = path.join(ROOT, file);
    if (!existsSync(absolute) || (await readFile(absolute, 'utf8')) !== text) stale.push(file);
  }
  expect(stale).toEqual([]);
});

test('schemas/ holds nothing that is no longer generated', async () => {
  const generated = [...(await generatedFiles()).keys()].map((file) => path.basename(file));
  expect(generated).toEqual(expect.arrayContaining(await readdir(path.join(ROOT, 'schemas'))));
});

test('the stand-ins run on the same Node as the actions', async () => {
  const folder = path.join(ROOT, 'packages', 'testing', 'stand-ins');
  const entries = (await readdir(folder, { withFileTypes: true })).filter((e) => e.isDirectory());
  const used = await Promise.all(
    entries.map(async ({ name }) => {
      const metadata = parse(await readFile(path.join(folder, name, 'action.yml'), 'utf8')) as {
        runs: { using: string };
      };
      return metadata.runs.using;
    }),
  );
  expect(new Set(used)).toEqual(new Set(['node24']));
});
