import { expect, test } from '@jest/globals';
import { slotFor } from './slots.ts';

const slot = (name: string, since: number, version?: string) => ({
  name,
  since,
  ...(version === undefined ? {} : { version }),
});
const none = new Set<string>();

test.each([
  ['the first is for what has all traffic in haproxy.cfg', [slot('s1', 0), slot('s2', 0)], none, 's1'],
  ['one that gets requests is not free', [slot('s1', 0), slot('s2', 5, 'v1.0.0')], new Set(['s1']), 's2'],
  ['one that was never used comes first', [slot('s1', 5, 'v1.0.0'), slot('s2', 0)], none, 's2'],
  ['then the one told longest ago', [slot('s1', 5, 'v1.0.0'), slot('s2', 3, 'v2.0.0')], none, 's2'],
  ['its own is no other version gone', [slot('s1', 5, 'v3.0.0'), slot('s2', 3, 'v2.0.0')], none, 's1'],
  ['its own is not free', [slot('s1', 5, 'v3.0.0'), slot('s2', 6, 'v2.0.0')], new Set(['s1']), 's2'],
  ['none is', [slot('s1', 5, 'v3.0.0'), slot('s2', 6, 'v2.0.0')], new Set(['s1', 's2']), undefined],
])('%s', (_name, slots, taken, expected) => {
  expect(slotFor('v3.0.0', slots, taken)).toBe(expected);
});
