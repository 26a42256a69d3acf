import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseObjects, type StoredTag } from './tag-objects.ts';

const id = (n: number): string => n.toString(16).padStart(40, '0');
const batch = (...objects: readonly (readonly [number, string, string])[]): Buffer =>
  Buffer.concat(
    objects.map(([n, type, body]) =>
      type === 'missing'
        ? Buffer.from(`${id(n)} missing\n`)
        : Buffer.from(`${id(n)} ${type} ${Buffer.byteLength(body)}\n${body}\n`),
    ),
  );
const listed = [1, 2, 3, 4].map((n) => ({ name: `m@v${n}.0.0`, object: id(n) }));
const parse = (...chunks: readonly Buffer[]): StoredTag[] => {
  const found: StoredTag[] = [];
  const read = parseObjects(listed, found);
  for (const chunk of chunks) read(chunk);
  return found;
};
const tag = (type: string, tagger: string, message: string): string =>
  `object ${id(99)}\ntype ${type}\ntag m@v1.0.0\n${tagger}\n${message}`;
const ADA = 'tagger Ada Lovelace <ada@example.com> 1700000000 +0200\n';

describe('what git prints of the objects behind tags', () => {
  test('is read by its bytes, whatever is in them', () => {
    const message = 'flight-delay v1.0.0 – größer als 🚀\n\nReason: naïve\n\n\n';
    const found = parse(batch([1, 'tag', tag('commit', ADA, message)], [2, 'tag', tag('commit', ADA, '')]));
    expect(found).toEqual([
      { ...listed[0], commit: id(99), time: new Date(1.7e12), tagger: 'Ada Lovelace', message },
      expect.objectContaining({ ...listed[1], message: '' }),
    ]);
  });

  test('knows lightweight tags, tags of other things and tags without a tagger', () => {
    const found = parse(
      batch(
        [1, 'commit', 'tree …'],
        [2, 'tag', tag('tree', ADA, 'x')],
        [3, 'missing', ''],
        [4, 'tag', tag('commit', '', 'x')],
      ),
    );
    expect(found).toEqual([
      { ...listed[0], commit: undefined, time: new Date(0), tagger: '', message: '' },
      expect.objectContaining({ ...listed[1], commit: undefined, message: 'x' }),
      { ...listed[3], commit: id(99), time: new Date(0), tagger: '', message: 'x' },
    ]);
  });

  test('is the same in whatever pieces it comes', () => {
    const bytes = batch(
      [1, 'tag', tag('commit', ADA, 'größer\n\nReason: 1\n')],
      [2, 'missing', ''],
      [3, 'blob', 'x\n'.repeat(40)],
      [4, 'tag', tag('commit', ADA, '')],
    );
    const whole = parse(bytes);
    expect(whole).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        expect(parse(...places.map((from, i) => bytes.subarray(from, places[i + 1])))).toEqual(whole);
      }),
    );
  });
});
