import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mkdir, writeFile, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { placeOf, placesProblem } from './place.ts';

const problem = (...keys: string[]): string | undefined =>
  placesProblem(keys.map((key) => ({ bucket: 'data', key })));

describe('keys of a bucket', () => {
  it.each([
    ['../../etc/passwd', "'..' would lead to another folder"],
    ['a/../b', "'..' would lead to another folder"],
    ['./a', "'.' would lead to another folder"],
    ['/etc/passwd', 'a part between slashes is empty'],
    ['a//b', 'a part between slashes is empty'],
    ['a/', 'a part between slashes is empty'],
    ['..\\..\\a', 'it holds a backslash'],
    ['a\nb', 'it holds a control character'],
    ['a\u0000b', 'it holds a control character'],
    ['a\u2028b', 'it holds a control character'],
    [`a\ud800b`, 'it is no Unicode text'],
    ['é'.repeat(128), 'has 256 bytes'],
  ])('%j cannot be a file', (key, why) => {
    expect(problem('fine.csv', key)).toContain(why);
    expect(problem('fine.csv', key)).toContain(JSON.stringify(`s3://data/${key}`));
  });

  it.each([
    [['a', 'a/b'], 'a file and a folder at once'],
    [['x/a/b/c', 'X/A'], 'a file and a folder at once'],
    [['A.csv', 'a.csv'], 'one file where the file system does not tell'],
    [['caf\u00e9', 'cafe\u0301'], 'one file where the file system does not tell'],
  ])('%j cannot lie side by side', (keys, why) => {
    expect(problem(...keys)).toContain(why);
    expect(problem(...keys.reverse())).toContain(why);
  });

  it('may be named by two patterns, and be alike in two buckets', () => {
    expect(problem('a', 'a', 'b/c', 'b/d', 'year=2024/über maß.csv', "it's", '$(x)', '-rf')).toBeUndefined();
    expect(
      placesProblem([
        { bucket: 'one', key: 'A' },
        { bucket: 'two', key: 'a/b' },
      ]),
    ).toBeUndefined();
  });

  it('that are not refused are written below the folder and are each there', async () => {
    const part = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'A', '.', '/', '\\', ' ', 'é'), maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    const folder = await temporaryFolder('places');
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(part, { maxLength: 6 }), async (keys) => {
        const objects = keys.map((key) => ({ bucket: 'data', key }));
        if (placesProblem(objects) !== undefined) return;
        const root = path.join(folder, String(++run));
        for (const object of objects) {
          const file = path.join(root, placeOf(object));
          expect(path.relative(path.join(root, 'data'), file)).not.toMatch(/^\.\.(?:\/|$)/);
          await mkdir(path.dirname(file), { recursive: true });
          await writeFile(file, object.key);
        }
        for (const object of objects) {
          expect(await readFile(path.join(root, placeOf(object)), 'utf8')).toBe(object.key);
        }
      }),
      { numRuns: 150 },
    );
    expect(run).toBeGreaterThan(15);
  });
});
