import { expect, test } from '@jest/globals';
import { formatEntry, parseEntry, type S3Entry } from './entry.ts';

const DIGEST = 'a'.repeat(64);
const ENTRY: S3Entry = {
  kind: 'folder',
  files: [
    { path: 'a b', bytes: 1, sha256: DIGEST, etag: '"1"', 'version-id': 'v1' },
    { path: 'c', bytes: 0, sha256: DIGEST, etag: '"2"' },
  ],
  companions: [{ name: 'metrics.json', bytes: 2, sha256: DIGEST, etag: '"3"', 'version-id': 'v2' }],
};

test('a description is read back as it was written', () => {
  expect(parseEntry(formatEntry(ENTRY), 'it', 'Do something.')).toEqual(ENTRY);
});

test.each<[string, unknown]>([
  ['a file without an ETag', { ...ENTRY, files: [{ path: 'c', bytes: 0, sha256: DIGEST }] }],
  ['no companions', { kind: 'folder', files: ENTRY.files }],
  ['a companion that leads elsewhere', { ...ENTRY, companions: [{ ...ENTRY.companions[0], name: '../x' }] }],
])('a description with %s is refused', (_what, description) => {
  expect(() => parseEntry(JSON.stringify(description), 'The description', 'Do something.')).toThrow(
    expect.objectContaining({
      reasonCode: 'evidence-mismatch',
      message: expect.stringMatching(/^The description is damaged: .*Do something\.$/s),
    }),
  );
});
