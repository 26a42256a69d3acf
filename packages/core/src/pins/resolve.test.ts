import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Pin } from './lock.ts';
import { parsePattern } from './pattern.ts';
import { movesSince, pinnedTwice, sourceOf } from './resolve.ts';

const SHA = 'a'.repeat(64);
const pin = (key: string, rest: Partial<Pin> = {}): Pin => ({
  key,
  etag: 'e',
  bytes: 1,
  sha256: SHA,
  ...rest,
});
const pattern = parsePattern('s3://bucket/*.csv', 'data.train');

describe('what decides about a pattern', () => {
  const [locked, seen] = [[pin('l.csv')], [pin('r.csv')]];
  it('is the lock file, then what the run has seen, then the bucket', () => {
    const [lock, run] = [new Map([[pattern.text, locked]]), new Map([[pattern.text, seen]])];
    expect(sourceOf(pattern, { lock, run })).toEqual({ kind: 'lock', pins: locked });
    expect(sourceOf(pattern, { lock: undefined, run })).toEqual({ kind: 'run', pins: seen });
    expect(sourceOf(pattern, { lock: undefined, run: new Map() })).toEqual({ kind: 'bucket' });
  });

  it('is never the bucket where the lock file does not know the pattern', () => {
    const lock = new Map([['s3://bucket/*.json', locked]]);
    const decide = (): unknown => sourceOf(pattern, { lock, run: new Map([[pattern.text, seen]]) });
    expect(decide).toThrow("has no entry for 's3://bucket/*.csv'; it has 's3://bucket/*.json'");
    expect(decide).toThrow("'write-lock: true'");
  });
});

describe('how a bucket has moved on', () => {
  it('is told by key, size and ETag, with or without its quotes', () => {
    const pins = [pin('same'), pin('etag'), pin('size'), pin('gone')];
    const now = [
      { key: 'same', etag: '"e"', bytes: 1 },
      { key: 'etag', etag: '"f"', bytes: 1 },
      { key: 'size', etag: '"e"', bytes: 2 },
      { key: 'new', etag: '"e"', bytes: 1 },
    ];
    expect(movesSince(pins, now)).toEqual({ added: ['new'], changed: ['etag', 'size'], gone: ['gone'] });
  });

  it('is taken for granted where the server gives no ETag', () => {
    const pins = [pin('a', { etag: '' })];
    expect(movesSince(pins, [{ key: 'a', etag: '', bytes: 1 }]).changed).toEqual(['a']);
  });

  it('puts every key into one class', () => {
    const side = fc.uniqueArray(
      fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), etag: fc.constantFrom('1', '2') }),
      { selector: ({ key }) => key },
    );
    fc.assert(
      fc.property(side, side, (before, after) => {
        const pins = before.map(({ key, etag }) => pin(key, { etag }));
        const now = after.map(({ key, etag }) => ({ key, etag, bytes: 1 }));
        const { added, changed, gone } = movesSince(pins, now);
        const still = before.filter(({ key, etag }) => after.some((a) => a.key === key && a.etag === etag));
        const all = [...added, ...changed, ...gone, ...still.map(({ key }) => key)];
        expect(all.sort()).toEqual([...new Set([...before, ...after].map(({ key }) => key))].sort());
      }),
    );
  });
});

it('a key that two patterns pin at two versions is found', () => {
  const a = { bucket: 'one', pins: [pin('k', { versionId: '1' })] };
  expect(pinnedTwice([a, a])).toBeUndefined();
  expect(pinnedTwice([a, { ...a, bucket: 'two', pins: [pin('k', { versionId: '2' })] }])).toBeUndefined();
  expect(pinnedTwice([a, { ...a, pins: [pin('k', { versionId: '2' })] }])).toBe('s3://one/k');
  expect(pinnedTwice([a, { ...a, pins: [pin('k', { versionId: '1', sha256: 'b'.repeat(64) })] }])).toBe(
    's3://one/k',
  );
});
