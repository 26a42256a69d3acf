import { expect, test } from '@jest/globals';
import * as path from 'node:path';
import { ROOT } from '../../scripts/generate/actions.ts';
import { sourcesIn } from '@sluice/testing/sources.ts';

/** What of node:fs changes something on the disk, or opens a file for it. */
const CHANGES =
  /^(appendFile|chmod|chown|copyFile|cp|create\w*Stream|lchmod|lchown|link|lutimes|mkdir|mkdtemp|open|rename|rm|rmdir|symlink|truncate|unlink|utimes|writeFile)(Sync)?$/;

/** Places outside of the checkout, or files that lie in one which the functions of `below` made. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'actions/train/entry.ts': 'copies between outputs and an entry, both of whose folders are made by below',
  'packages/core/src/action/below.ts': 'the one way',
  'packages/core/src/action/command-files.ts':
    "the runner's command files, and a command's own in RUNNER_TEMP",
  'packages/core/src/baseline/scoring.ts':
    'a copy of an older commit in RUNNER_TEMP, whose folders below makes and whose links it removes',
  'packages/core/src/action/limits.ts': 'opens for reading alone',
  'packages/core/src/action/scratch.ts': 'scratch folders in RUNNER_TEMP',
  'packages/core/src/rollout/analysis/providers/predictions/mirrored.ts': 'opens for reading alone',
  'packages/core/src/pins/cache.ts': 'files of a folder that below made; links in it are removed first',
};

/** Rooms that write where a setting of the team points, or into scratch folders, and never into .sluice. */
const ROOMS = ['data', 'digest', 'dvc', 'ledger', 'mlflow', 's3', 'serving', 'store', 'transfer'];
const EVIDENCE = 'packages/core/src/evidence/signature/';

test('only the functions of action/below write into the checkout, so that no link in it is followed', async () => {
  const sources = [
    ...(await sourcesIn(path.join(ROOT, 'actions'))),
    ...(await sourcesIn(path.join(ROOT, 'packages/core/src'))),
  ].map(({ file, text }) => ({ name: path.relative(ROOT, file).split(path.sep).join('/'), text }));
  const found = sources
    .filter(({ name }) => !ROOMS.some((room) => name.startsWith(`packages/core/src/${room}/`)))
    .filter(({ name }) => !name.startsWith(EVIDENCE) && !(name in ELSEWHERE))
    .flatMap(({ name, text }) => changesIn(text).map((call) => `${name}: ${call}`));
  expect(found).toEqual([]);
  expect(Object.keys(ELSEWHERE).filter((name) => !sources.some((source) => source.name === name))).toEqual(
    [],
  );
});

/** What a text imports of node:fs that changes something; all of it, where the whole module is imported. */
function changesIn(text: string): string[] {
  const imports = text.matchAll(/import (type )?(\{[^}]*\}|[^{}'"]+?) from '(?:node:)?fs(?:\/promises)?'/g);
  return [...imports].flatMap(([whole, type, what = '']) => {
    if (type !== undefined) return [];
    if (!what.startsWith('{')) return [whole];
    return what
      .slice(1, -1)
      .split(',')
      .map((name) => name.trim().split(' as ')[0] ?? '')
      .filter((name) => CHANGES.test(name));
  });
}
