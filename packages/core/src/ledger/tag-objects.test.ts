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
const NOW = new Date('2026-06-01T00:00:00Z');
const parse = (...chunks: readonly Buffer[]): StoredTag[] => {
  const found: StoredTag[] = [];
  const read = parseObjects(listed, found, NOW);
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

  test.each([
    ['a year ahead', String(NOW.getTime() / 1000 + 31_536_000), '2027-06-01T00:00:00.000Z'],
    ['at the end of the calendar', '8640000000000', '+275760-09-13T00:00:00.000Z'],
    ['beyond the calendar', '8640000000001', '8640000000001 s after 1970'],
    ['beyond 64 bits', '9'.repeat(400), `${'9'.repeat(30)} s after 1970`],
  ])('do not count when they are dated %s', (_when, seconds, shown) => {
    const [found] = parse(batch([1, 'tag', tag('commit', `tagger Eve <e> ${seconds} +0000\n`, 'x')]));
    expect(found).toMatchObject({
      commit: undefined,
      fault: expect.stringContaining(`is dated ${shown}, more`),
    });
  });

  test('count when they are dated a day ahead, long ago, or not at all', () => {
    for (const seconds of [NOW.getTime() / 1000 + 86_400, -5, 'soon']) {
      const [found] = parse(batch([1, 'tag', tag('commit', `tagger Ada <a> ${seconds} +0000\n`, 'x')]));
      expect(found).toMatchObject({ commit: id(99) });
      expect(found).not.toHaveProperty('fault');
    }
  });

  test('cost no more time for brackets', () => {
    const brackets = `tagger ${'<'.repeat(500_000)}${'>'.repeat(500_000)} 1700000000 +0000\n`;
    const [found] = parse(batch([1, 'tag', tag('commit', brackets, 'x')]));
    expect(found).toMatchObject({ commit: id(99), time: new Date(1.7e12), tagger: '' });
  });

  test('are not read when they are too long, and those after them are', () => {
    const bytes = batch(
      [1, 'tag', tag('commit', ADA, 'y'.repeat(2 << 20))],
      [2, 'missing', ''],
      [3, 'tag', tag('commit', ADA, 'x')],
    );
    for (const step of [1000, 1 << 20, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) =>
        bytes.subarray(i * step, (i + 1) * step),
      );
      expect(parse(...chunks)).toEqual([
        expect.objectContaining({
          ...listed[0],
          commit: undefined,
          fault: expect.stringMatching(/^has 2097\d+ bytes/),
        }),
        expect.objectContaining({ ...listed[2], commit: id(99), message: 'x' }),
      ]);
    }
  });
});
