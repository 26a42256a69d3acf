import { expect, test } from '@jest/globals';
import { groupsOf } from '../gate/groups.ts';
import { readClusters } from './clusters.ts';
import type { PredictionColumns } from './prediction-columns.ts';

const predictions = (cells: readonly (string | null)[], queries?: readonly string[]): PredictionColumns => ({
  sample: {
    rows: cells.length,
    label: cells.map(() => 'x'),
    ...(queries === undefined ? {} : { queries: groupsOf(queries) }),
  },
  column: (name) => (name === 'plane' ? cells : undefined),
});

test('a cluster is what the named column holds', () => {
  expect(readClusters(predictions(['a', 'b']), { cluster: 'plane' })).toEqual(['a', 'b']);
  expect(readClusters(predictions(['a', 'b']), {})).toBeUndefined();
  expect(readClusters(undefined, { cluster: 'plane' })).toBeUndefined();
});

test.each([
  ['a column that is not there', predictions(['a']), 'ship', 'there is no such column'],
  ['a row without a value', predictions(['a', null]), 'plane', 'row 2 has no value'],
  [
    'a query of two clusters',
    predictions(['a', 'a', 'b'], ['q', 'r', 'r']),
    'plane',
    "the query of row 3 has rows of the clusters 'a' and 'b'",
  ],
])('%s is refused', (_what, given, cluster, said) => {
  expect(() => readClusters(given, { cluster })).toThrow(
    expect.objectContaining({ reasonCode: 'unreadable-data', message: expect.stringContaining(said) }),
  );
});
