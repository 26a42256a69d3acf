import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UserError } from '../action/errors.ts';
import { placesProblem } from './place.ts';
import { isS3Pattern, parsePattern, selectObjects } from './pattern.ts';

const keysOf = (glob: string, keys: readonly string[]): string[] =>
  selectObjects(
    parsePattern(`s3://bucket/${glob}`, 'data.train'),
    keys.map((key) => ({ key, bytes: key.endsWith('/') ? 0 : 1 })),
  ).map(({ key }) => key);

describe('a pattern', () => {
  it('is about S3 by its scheme alone', () => {
    expect(['s3://b/k', 'S3://b/k', 's3:/b/k', 'data/*.csv'].map(isS3Pattern)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('selects keys as globs select files', () => {
    const keys = ['p/a.csv', 'p/.hidden.csv', 'p/sub/b.csv', 'p/c.parquet', 'q/a.csv', 'p/', 'p/sub/'];
    expect(keysOf('p/*.csv', keys)).toEqual(['p/.hidden.csv', 'p/a.csv']);
    expect(keysOf('p/**', keys)).toEqual(['p/.hidden.csv', 'p/a.csv', 'p/c.parquet', 'p/sub/b.csv']);
    expect(keysOf('{p,q}/a.{csv,json}', keys)).toEqual(['p/a.csv', 'q/a.csv']);
    expect(keysOf('p/[a-c].csv', keys)).toEqual(['p/a.csv']);
  });

  it('takes a key that is exactly the pattern, too', () => {
    expect(keysOf('p/a[1].csv', ['p/a[1].csv', 'p/a2.csv'])).toEqual(['p/a[1].csv']);
    expect(keysOf('p/*', ['p/*', 'p/a'])).toEqual(['p/*', 'p/a']);
    expect(keysOf('!p.csv', ['!p.csv', 'x.csv'])).toEqual(['!p.csv']);
    expect(keysOf('p', ['p', 'p.bak'])).toEqual(['p']);
  });

  it.each(['p/../../x.csv', 'p/./x.csv', 'p/..', 'p//x.csv', 'p/a\nb.csv', 'p/\u2028.csv', 'p/a\\..\\b.csv'])(
    'does not pass over %j, so that it is refused by its name',
    (key) => {
      expect(keysOf('p/**', ['p/a.csv', key])).toContain(key);
      expect(placesProblem([{ bucket: 'bucket', key }])).toContain(JSON.stringify(`s3://bucket/${key}`));
    },
  );

  it.each([
    's3://bucket',
    's3://bucket/',
    's3://bucket/p/',
    's3://bucket/p//a',
    's3://bucket/../a',
    's3://bucket/./a',
    's3://B/a',
    'S3://bucket/a',
  ])('is refused as %s', (text) => {
    expect(() => parsePattern(text, 'data.train')).toThrow(UserError);
    expect(() => parsePattern(text, 'data.train')).toThrow(`data.train is '${text}'`);
  });

  it('lists every key that it selects: each begins with the prefix', () => {
    const piece = fc.constantFrom(
      'a',
      'b+',
      'c@',
      '!',
      '/',
      '*',
      '**',
      '?',
      '[ab]',
      '{a,b}',
      '+(a|b)',
      '@(a)',
      '"a"',
      '.',
      '=',
      ' ',
      '\\*',
    );
    const made = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    const keys = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', '+', '@', '!', '/', '*', '"', '.', '=', ' ') }),
    );
    fc.assert(
      fc.property(made, keys, (text, candidates) => {
        let pattern;
        try {
          pattern = parsePattern(`s3://bucket/${text}`, 'data');
        } catch (error) {
          if (error instanceof UserError) return;
          throw error;
        }
        const all = [...candidates, text].map((key) => ({ key, bytes: 1 }));
        // A glob a/** takes a itself for a folder; S3 lists no folders.
        const outside = selectObjects(pattern, all).filter(
          ({ key }) => !key.startsWith(pattern.prefix) && `${key}/` !== pattern.prefix,
        );
        expect(outside).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['\n', '\r', '\u2028', '\u2029'])('does not pass over a key that begins with %j', (character) => {
    const object = { key: `p/${character}x`, bytes: 1 };
    expect(selectObjects(parsePattern('s3://bucket/p/*', 'data'), [object])).toEqual([object]);
  });
});
