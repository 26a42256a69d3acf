import { afterEach, expect, test } from '@jest/globals';
import { startInstance } from '@sluice/testing/sigstore/instance.ts';
import {
  YESTERDAY,
  mirrorFiles,
  newKey,
  rootMetadata,
  serveFiles,
  signed,
} from '@sluice/testing/sigstore/mirror.ts';
import { GITHUB_ROOT } from './github-root.ts';
import { fetchTrustedRoot, mirrorFor } from './tuf.ts';

const TARGET = 'trusted_root.json';
const key = newKey();
const root = signed(rootMetadata(1, key), [key]);

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** The address of a mirror with these files. */
async function mirror(files: ReadonlyMap<string, string>): Promise<string> {
  const served = await serveFiles(files);
  stops.push(() => served.stop());
  return served.url;
}

/** What fetching from a mirror with these files ends with. */
async function refusal(files: ReadonlyMap<string, string>, start = root): Promise<unknown> {
  const url = await mirror(files);
  return fetchTrustedRoot({ url, root: start, target: TARGET }).catch((error: unknown) => error);
}

const unavailable = (says: RegExp): unknown =>
  expect.objectContaining({
    reasonCode: 'service-unavailable',
    message: expect.stringMatching(says) as unknown,
  });

test('a trusted root is fetched', async () => {
  const { trustedRoot } = await startInstance(true);
  const url = await mirror(mirrorFiles(key, TARGET, trustedRoot));
  const fetched = await fetchTrustedRoot({ url, root, target: TARGET });
  expect(fetched.certificateAuthorities).toHaveLength(1);
  expect(fetched.tlogs).toHaveLength(1);
});

test('keys that rotated are followed, from a root that has expired', async () => {
  const { trustedRoot } = await startInstance(false);
  const next = newKey();
  const files = mirrorFiles(next, TARGET, trustedRoot);
  files.set('/2.root.json', signed(rootMetadata(2, next), [key, next]));
  const url = await mirror(files);
  const old = signed(rootMetadata(1, key, YESTERDAY), [key]);
  const fetched = await fetchTrustedRoot({ url, root: old, target: TARGET });
  expect(fetched.timestampAuthorities).toHaveLength(1);
});

test('keys that the ones before did not sign are not', async () => {
  const thief = newKey();
  const files = mirrorFiles(thief, TARGET, '{}');
  files.set('/2.root.json', signed(rootMetadata(2, thief), [thief]));
  expect(await refusal(files)).toEqual(unavailable(/could not be fetched from http:.*signed by 0\/1 keys/));
});

test.each<[string, (files: Map<string, string>) => void, RegExp]>([
  [
    'signed by nobody we know',
    (files) => {
      for (const [name, text] of mirrorFiles(newKey(), TARGET, '{}')) files.set(name, text);
    },
    /signed by 0\/1 keys/,
  ],
  [
    'changed on the way',
    (files) => {
      for (const [name, text] of files)
        if (name.startsWith('/targets/')) files.set(name, text.replace('sigstore', 'Sigstore'));
    },
    /hash/i,
  ],
  [
    'frozen at an old state',
    (files) => {
      for (const [name, text] of mirrorFiles(key, TARGET, '{}', YESTERDAY)) files.set(name, text);
    },
    /expired/,
  ],
  ['a page of a proxy', (files) => files.set('/timestamp.json', '<html>'), /JSON/],
  ['not there', (files) => files.clear(), /could not be fetched/],
])('a trusted root is refused that is %s', async (_what, change, says) => {
  const { trustedRoot } = await startInstance(true);
  const files = mirrorFiles(key, TARGET, trustedRoot);
  change(files);
  expect(await refusal(files)).toEqual(unavailable(says));
});

test("GitHub's root, which is built in, holds by itself, and nothing but its successors makes it current", async () => {
  const files = mirrorFiles(newKey(), TARGET, '{}');
  const refused = await refusal(files, JSON.stringify(GITHUB_ROOT));
  expect(refused).toEqual(unavailable(/root\.json is expired/));
});

test('who publishes the root follows from the organisation in the certificate', async () => {
  expect(mirrorFor('sigstore.dev', 'https://github.com')?.url).toBe('https://tuf-repo-cdn.sigstore.dev');
  expect(mirrorFor('GitHub, Inc.', 'https://github.com')).toMatchObject({
    url: 'https://tuf-repo.github.com',
    target: 'trusted_root.json',
  });
  expect(mirrorFor('GitHub, Inc.', 'https://octocorp.ghe.com')?.target).toBe('octocorp.trusted_root.json');
  expect(mirrorFor('Evil, Inc.', 'https://github.com')).toBeUndefined();
});
