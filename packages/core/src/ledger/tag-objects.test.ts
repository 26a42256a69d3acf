import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseObjects, type ListedTag, type ReadObjects } from './tag-objects.ts';

type TestObject = readonly [type: string, body: string];
const id = (n: number): string => n.toString(16).padStart(40, '0');
const idOf = ([type, body]: TestObject, format = 'sha1'): string =>
  createHash(format)
    .update(`${type} ${Buffer.byteLength(body)}\0`)
    .update(body)
    .digest('hex');
/** What git answers about objects that lie under these ids; undefined is one that it does not have. */
const batch = (...objects: readonly (readonly [string, TestObject | undefined])[]): Buffer =>
  Buffer.concat(
    objects.map(([name, object]) =>
      Buffer.from(
        object === undefined
          ? `${name} missing\n`
          : `${name} ${object[0]} ${Buffer.byteLength(object[1])}\n${object[1]}\n`,
      ),
    ),
  );
const NOW = new Date('2026-06-01T00:00:00Z');
const listOf = (ids: readonly string[]): ListedTag[] =>
  ids.map((object, i) => ({ name: `m@v${i + 1}.0.0`, object }));
const parse = (
  objects: readonly (TestObject | undefined)[],
  { cuts = [], format }: { cuts?: readonly number[]; format?: string } = {},
): ReadObjects & { listed: ListedTag[] } => {
  const ids = objects.map((object, i) => (object === undefined ? id(i) : idOf(object, format)));
  const bytes = batch(...ids.map((name, i) => [name, objects[i]] as const));
  const listed = listOf(ids);
  const read: ReadObjects = { tags: [], forged: [] };
  const take = parseObjects(listed, { format: format ?? 'sha1', now: NOW }, read);
  const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((x, y) => x - y), bytes.length];
  places.forEach((from, i) => take(bytes.subarray(from, places[i + 1])));
  return { ...read, listed };
};
const tag = (type: string, tagger: string, message: string): string =>
  `object ${id(99)}\ntype ${type}\ntag m@v1.0.0\n${tagger}\n${message}`;
const ADA = 'tagger Ada Lovelace <ada@example.com> 1700000000 +0200\n';

describe('what git prints of the objects behind tags', () => {
  test.each(['sha1', 'sha256'])(
    'is read by its bytes, whatever is in them, in a repository of %s',
    (format) => {
      const message = 'flight-delay v1.0.0 – größer als 🚀\n\nReason: naïve\n\n\n';
      const { tags, forged, listed } = parse(
        [
          ['tag', tag('commit', ADA, message)],
          ['tag', tag('commit', ADA, '')],
        ],
        { format },
      );
      expect(forged).toEqual([]);
      expect(tags).toEqual([
        { ...listed[0], commit: id(99), time: new Date(1.7e12), tagger: 'Ada Lovelace', message },
        expect.objectContaining({ ...listed[1], message: '' }),
      ]);
    },
  );

  test('knows lightweight tags, tags of other things and tags without a tagger', () => {
    const { tags, listed } = parse([
      ['commit', 'tree …'],
      ['tag', tag('tree', ADA, 'x')],
      undefined,
      ['tag', tag('commit', '', 'x')],
    ]);
    expect(tags).toEqual([
      { ...listed[0], commit: undefined, time: new Date(0), tagger: '', message: '' },
      expect.objectContaining({ ...listed[1], commit: undefined, message: 'x' }),
      { ...listed[3], commit: id(99), time: new Date(0), tagger: '', message: 'x' },
    ]);
  });

  test('is the same in whatever pieces it comes', () => {
    const objects: (TestObject | undefined)[] = [
      ['tag', tag('commit', ADA, 'größer\n\nReason: 1\n')],
      undefined,
      ['blob', 'x\n'.repeat(40)],
      ['tag', tag('commit', ADA, '')],
    ];
    const whole = parse(objects);
    expect(whole.tags).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(parse(objects, { cuts })).toEqual(whole);
      }),
    );
  });

  test.each([
    ['a year ahead', String(NOW.getTime() / 1000 + 31_536_000), '2027-06-01T00:00:00.000Z'],
    ['at the end of the calendar', '8640000000000', '+275760-09-13T00:00:00.000Z'],
    ['beyond the calendar', '8640000000001', '8640000000001 s after 1970'],
    ['beyond 64 bits', '9'.repeat(400), `${'9'.repeat(30)} s after 1970`],
  ])('do not count when they are dated %s', (_when, seconds, shown) => {
    const { tags } = parse([['tag', tag('commit', `tagger Eve <e> ${seconds} +0000\n`, 'x')]]);
    expect(tags[0]).toMatchObject({
      commit: undefined,
      fault: expect.stringContaining(`is dated ${shown}, more`),
    });
  });

  test('count when they are dated a day ahead, long ago, or not at all', () => {
    for (const seconds of [NOW.getTime() / 1000 + 86_400, -5, 'soon']) {
      const { tags } = parse([['tag', tag('commit', `tagger Ada <a> ${seconds} +0000\n`, 'x')]]);
      expect(tags[0]).toMatchObject({ commit: id(99) });
      expect(tags[0]).not.toHaveProperty('fault');
    }
  });

  test('cost no more time for brackets', () => {
    const brackets = `tagger ${'<'.repeat(500_000)}${'>'.repeat(500_000)} 1700000000 +0000\n`;
    const { tags } = parse([['tag', tag('commit', brackets, 'x')]]);
    expect(tags[0]).toMatchObject({ commit: id(99), time: new Date(1.7e12), tagger: '' });
  });

  test('are not read when they are too long, and those after them are', () => {
    const objects: (TestObject | undefined)[] = [
      ['tag', tag('commit', ADA, 'y'.repeat(2 << 20))],
      undefined,
      ['tag', tag('commit', ADA, 'x')],
    ];
    for (const step of [1000, (1 << 20) + 1, 3 << 20]) {
      const cuts = Array.from({ length: Math.floor((2 << 20) / step) }, (_, i) => (i + 1) * step);
      const { tags, forged, listed } = parse(objects, { cuts });
      expect(forged).toEqual([]);
      expect(tags).toEqual([
        expect.objectContaining({
          ...listed[0],
          commit: undefined,
          fault: expect.stringMatching(/^has 2097\d+ bytes/),
        }),
        expect.objectContaining({ ...listed[2], commit: id(99), message: 'x' }),
      ]);
    }
  });

  test('is not believed under an id that is not its hash, whatever it is', () => {
    const real: TestObject = ['tag', tag('commit', ADA, 'x\n\nModel-Digest: 1\n')];
    const others: TestObject[] = [
      ['tag', tag('commit', ADA, 'x\n\nModel-Digest: 2\n')],
      ['commit', real[1]],
      ['blob', ''],
      ['tag', 'y'.repeat(2 << 20)],
    ];
    const all = [real, ...others, real];
    const listed = listOf(all.map(() => idOf(real)));
    const read: ReadObjects = { tags: [], forged: [] };
    const take = parseObjects(listed, { format: 'sha1', now: NOW }, read);
    take(batch(...all.map((object) => [idOf(real), object] as const)));
    expect(read.tags.map(({ name }) => name)).toEqual([listed[0]?.name, listed.at(-1)?.name]);
    expect(read.forged).toEqual(listed.slice(1, -1));
  });
});
