import { expect, test } from '@jest/globals';
import * as path from 'node:path';
import { Writable } from 'node:stream';
import { ROOT } from '@sluice/testing/action.ts';
import { dataFolder } from '@sluice/testing/data.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { observeLabels } from './labels.ts';

const BINDINGS = `node_modules/@duckdb/node-bindings-${process.platform}-${process.arch}`;

test('labels that come later are joined with what was recorded', async () => {
  const recorded = ['a', 'b', 'c'].flatMap((id) =>
    ['v2.0.0', 'v1.0.0'].map((version) => JSON.stringify({ id, version, prediction: 1 })),
  );
  const workspace = await dataFolder({
    'predictions.jsonl': `${recorded.join('\n')}\n`,
    'labels.csv': 'id,label\na,1\nb,0\nz,1\n',
  });
  const step = {
    workspace,
    env: { SLUICE_DUCKDB_PATH: path.join(ROOT, BINDINGS), RUNNER_TEMP: workspace },
    log: { ...silentLog, raw: new Writable() },
  };
  const section = {
    value: {
      predictions: 'predictions.jsonl',
      file: 'labels.csv',
      accuracy: { min: 0.9, 'max-decrease': 0.02 },
    },
    name: 'labels',
    folder: workspace,
  };
  const versions = { candidate: 'v2.0.0', stable: 'v1.0.0' };
  const joined = await observeLabels(section, versions, step, new AbortController().signal);
  const observation = {
    kind: 'samples',
    candidate: { kind: 'proportion', n: 2, hits: 1 },
    stable: { kind: 'proportion', n: 2, hits: 1 },
  };
  expect(joined).toMatchObject({
    unlabelled: 2,
    unpredicted: 1,
    observations: [
      { metric: 'labels.accuracy', observation },
      { metric: 'labels.accuracy-decrease', observation },
    ],
  });
});
