import { describe, expect, test } from '@jest/globals';
import { parseObjects } from './tags.ts';

const id = (n: number): string => n.toString(16).padStart(40, '0');
const batch = (...objects: readonly (readonly [number, string, string])[]): Buffer =>
  Buffer.concat(
    objects.map(([n, type, body]) =>
      type === 'missing'
        ? Buffer.from(`${id(n)} missing\n`)
        : Buffer.from(`${id(n)} ${type} ${Buffer.byteLength(body)}\n${body}\n`),
    ),
  );
const tag = (type: string, tagger: string, message: string): string =>
  `object ${id(99)}\ntype ${type}\ntag m@v1.0.0\n${tagger}\n${message}`;
const ADA = 'tagger Ada Lovelace <ada@example.com> 1700000000 +0200\n';

describe('what git prints of the objects behind tags', () => {
  test('is read by its bytes, whatever is in them', () => {
    const message = 'flight-delay v1.0.0 – größer als 🚀\n\nReason: naïve\n\n\n';
    const found = parseObjects(
      batch([1, 'tag', tag('commit', ADA, message)], [2, 'tag', tag('commit', ADA, '')]),
    );
    expect(found.get(id(1))).toEqual({
      commit: id(99),
      time: new Date(1.7e12),
      tagger: 'Ada Lovelace',
      message,
    });
    expect(found.get(id(2))?.message).toBe('');
  });

  test('knows lightweight tags, tags of other things and tags without a tagger', () => {
    const found = parseObjects(
      batch(
        [1, 'commit', 'tree …'],
        [2, 'tag', tag('tree', ADA, 'x')],
        [3, 'missing', ''],
        [4, 'tag', tag('commit', '', 'x')],
      ),
    );
    expect(found.get(id(1))).not.toHaveProperty('commit');
    expect(found.get(id(2))).not.toHaveProperty('commit');
    expect(found.has(id(3))).toBe(false);
    expect(found.get(id(4))).toMatchObject({ commit: id(99), time: new Date(0), tagger: '', message: 'x' });
  });
});
