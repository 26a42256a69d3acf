import { expect, test } from '@jest/globals';
import type { Pin } from '../lock.ts';
import { notesSection, pinnedNote, writtenNote } from './notes.ts';

const pin = (key: string, etag = 'e'): Pin => ({ key, etag, bytes: 1, sha256: 'a'.repeat(64) });

test('a note says whether the bucket has moved on, and never that it has not when nobody could look', () => {
  const still = { added: 0, changed: 0, gone: 0 };
  expect(pinnedNote('s3://b/*', 2, still)).toContain('The bucket has the same.');
  expect(pinnedNote('s3://b/*', 2, { ...still, gone: 1 })).toContain(
    'moved on since (0 new, 0 changed, 1 gone)',
  );
  expect(pinnedNote('s3://b/*', 2, undefined)).toContain('is not known');
});

test('a lock file that was written is compared with the one before, over all patterns', () => {
  const before = new Map([['s3://b/*', [pin('a'), pin('b')]]]);
  expect(writtenNote(undefined, before)).toBe('sluice.lock.yaml was written. Commit it.');
  expect(writtenNote(before, before)).toContain('no file changed');
  const after = new Map([
    ['s3://b/*', [pin('a', 'f')]],
    ['s3://c/*', [pin('x'), pin('y')]],
  ]);
  expect(writtenNote(before, after)).toContain('2 new, 1 changed, 1 gone');
});

test('what a bucket is called by does not become markdown', () => {
  expect(notesSection([]).markdown).toBe('');
  expect(notesSection(['s3://b/<img src=x>*: 1']).markdown).toMatch(/\\<img src=x\\>\\\*/);
});
