import { describe, expect, it } from '@jest/globals';
import { parseYaml } from '../schema/parse.ts';
import fc from 'fast-check';
import { lockSchema, readPins, renderLock, type Pin, type Pins } from './lock.ts';

const read = (text: string): Pins =>
  readPins(parseYaml(text, lockSchema, { name: 'sluice.lock.yaml', reason: 'bad-config' }).data);

const SHA = 'a'.repeat(64);
const pin = (key: string, rest: Partial<Pin> = {}): Pin => ({
  key,
  etag: 'e',
  bytes: 1,
  sha256: SHA,
  ...rest,
});

const anyPin = (prefix: string): fc.Arbitrary<Pin> =>
  fc
    .record({
      name: fc
        .string({ minLength: 1, maxLength: 8, unit: 'grapheme' })
        .filter((name) => !/[/\p{Cc}]/u.test(name) && !['.', '..'].includes(name)),
      versionId: fc.option(fc.string({ minLength: 1, maxLength: 12 }), { nil: undefined }),
      etag: fc.oneof(
        fc.string({ minLength: 1 }),
        fc.constantFrom('1e5', 'null', 'true', '0x1', '007', '- a', '#'),
      ),
      bytes: fc.nat(),
      sha256: fc.string({ unit: fc.constantFrom('0', '1', 'e', 'f'), minLength: 64, maxLength: 64 }),
    })
    .map(({ name, versionId, ...rest }) => ({
      key: `${prefix}/${name}`,
      ...rest,
      ...(versionId === undefined ? {} : { versionId }),
    }));

const anyPins = fc
  .uniqueArray(fc.constantFrom('p', 'q', 'r r', 'ü'), { maxLength: 3 })
  .chain((prefixes) =>
    fc.tuple(
      ...prefixes.map((prefix) =>
        fc
          .uniqueArray(anyPin(prefix), { minLength: 1, maxLength: 5, selector: ({ key }) => key })
          .map((pins): [string, readonly Pin[]] => [`s3://bucket/${prefix}/*`, pins]),
      ),
    ),
  );

describe('the lock file', () => {
  it('holds what was written, and the order it was written in does not matter', () => {
    fc.assert(
      fc.property(anyPins, (entries) => {
        const text = renderLock(new Map(entries));
        expect(renderLock(read(text))).toBe(text);
        const shuffled = [...entries]
          .reverse()
          .map(([pattern, pins]) => [pattern, [...pins].reverse()] as const);
        expect(renderLock(new Map(shuffled))).toBe(text);
        const byPattern = read(text);
        for (const [pattern, pins] of entries) {
          const byKey = (all: readonly Pin[] = []): Pin[] =>
            [...all].sort((a, b) => (a.key < b.key ? -1 : 1));
          expect(byKey(byPattern.get(pattern))).toEqual(byKey(pins));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('changes by the lines of a file that changed', () => {
    const before = renderLock(new Map([['s3://bucket/p/*', [pin('p/a'), pin('p/b'), pin('p/c')]]]));
    const after = renderLock(
      new Map([['s3://bucket/p/*', [pin('p/a'), pin('p/b', { bytes: 2 }), pin('p/c')]]]),
    );
    const lines = before.split('\n');
    const changed = after.split('\n').filter((line, index) => line !== lines[index]);
    expect(changed).toEqual(['      bytes: 2']);
  });

  it.each([
    ['version: 2\ndata: {}\n', /:1:1: version: expected 1, found 2/],
    ['version: 1\ndata: {}\nx: 1\n', /:3:1: x: unknown key 'x'/],
    [
      `version: 1\ndata:\n  data/*.csv:\n    - {key: a, etag: e, bytes: 1, sha256: ${SHA}}\n`,
      /:3:3: .*expected a pattern such as s3:/,
    ],
    [
      `version: 1\ndata:\n  s3://bucket/p/:\n    - {key: a, etag: e, bytes: 1, sha256: ${SHA}}\n`,
      /:3:3: .*it names no objects/,
    ],
    [
      `version: 1\ndata:\n  s3://bucket/p/*:\n    - {key: q/a, etag: e, bytes: 1, sha256: ${SHA}}\n`,
      /:4:8: .*expected a key that the pattern matches, found "q\/a"/,
    ],
    [
      `version: 1\ndata:\n  s3://bucket/*:\n    - {key: a, etag: e, bytes: 1, sha256: ${SHA}}\n    - {key: a, etag: e, bytes: 1, sha256: ${SHA}}\n`,
      /:5:8: .*expected each key once/,
    ],
    [
      'version: 1\ndata:\n  s3://bucket/*:\n    - {key: a, etag: e, bytes: 1, sha256: abc}\n',
      /:4:35: .*expected 64 hexadecimal digits/,
    ],
    ['version: 1\ndata:\n  s3://bucket/*: []\n', /:3:3: .*expected at least 1 items/],
  ])('is refused with line and column: %j', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
