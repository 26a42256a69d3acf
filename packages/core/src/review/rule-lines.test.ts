import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { linesOf } from '../schema/parse.ts';
import { findRuleLines } from './rule-lines.ts';

const TEXT =
  'version: 1\ngate:\n  rules:\n    - metric: auc\n      min: 0.5\n    - metric: f1\n      min: 0.5\n';
const [first, second] = [{ id: 'auc' }, { id: 'f1' }];
const lineOf = linesOf(TEXT);

test('each rule has its line, and the file its path from the root of its repository', async () => {
  const workspace = await temporaryFolder('rule-lines');
  const folder = path.join(workspace, 'checkout', 'models');
  await mkdir(path.join(workspace, 'checkout', '.git'), { recursive: true });
  await mkdir(folder);
  const file = path.join(folder, 'sluice.yaml');
  expect(await findRuleLines({ file, lineOf }, [first, second], workspace)).toEqual({
    path: 'models/sluice.yaml',
    lineOf: new Map([
      [first, 4],
      [second, 6],
    ]),
  });
});

test('without a repository the path begins at the workspace', async () => {
  const workspace = await temporaryFolder('rule-lines');
  const file = path.join(workspace, 'sluice.yaml');
  expect(await findRuleLines({ file, lineOf }, [first], workspace)).toMatchObject({ path: 'sluice.yaml' });
});

test('without a file there are no lines', async () => {
  expect(await findRuleLines({ lineOf }, [first], '/')).toBeUndefined();
});
