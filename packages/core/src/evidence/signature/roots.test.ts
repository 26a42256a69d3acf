import { beforeAll, expect, test } from '@jest/globals';
import { startInstance } from '@sluice/testing/sigstore/instance.ts';
import { parseTrustedRoots, publishedRoots } from './roots.ts';

let root: string;
beforeAll(async () => {
  root = (await startInstance(true)).trustedRoot;
});

test('a trusted root is one document, however it is written, or one a line', () => {
  const pretty = JSON.stringify(JSON.parse(root), null, 2);
  expect(
    [root, `${root}\n`, pretty, `${root}\n${root}\n`].map((text) => parseTrustedRoots(text, 'f').length),
  ).toEqual([1, 1, 1, 2]);
});

test.each(['', '\n', '[]', '{}', 'null', '<html>', '{"certificateAuthorities":[]}', '{"tlogs":"x"}'])(
  '%j is none',
  (text) => {
    expect(() => parseTrustedRoots(text, 'evidence.trusted-root (roots.jsonl)')).toThrow(
      /^evidence\.trusted-root \(roots\.jsonl\) is not a trusted root of Sigstore: .*gh attestation trusted-root/,
    );
  },
);

test('of an authority that nobody knows, no root is published', async () => {
  expect(await publishedRoots('https://github.com')('Evil, Inc.')).toEqual([]);
});
