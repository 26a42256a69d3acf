import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { forgeObject } from '@sluice/testing/forged-object.ts';
import { startProject, type Project } from '@sluice/testing/project.ts';
import { expectRefused } from '@sluice/testing/refused.ts';
import { besideModel } from '@sluice/testing/stored-file.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';

jest.setTimeout(60_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Changes the byte of a file at which the text stands. */
async function changeByte(file: string, at: string): Promise<void> {
  const bytes = await readFile(file);
  const index = bytes.indexOf(at);
  expect(index).toBeGreaterThanOrEqual(0);
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

let project: Project;
beforeEach(async () => {
  project = await startProject();
  cleanups.push(() => project.repository.remove());
});

test.each([
  ['the model', 'out/model/weights', 'one', 'evidence-mismatch', /run evaluate-gate on this model/],
  ["the gate's subject", '.sluice/evidence/evaluate-gate.json', 'model:', 'evidence-missing', /gate/],
  ["the gate's result", '.sluice/evidence/evaluate-gate.json', 'PASSED', 'bad-input', /evaluate-gate\.json/],
  ["the gate's record", '.sluice/gate/gate.json', '7512', 'evidence-mismatch', /gate\.json was changed/],
  [
    'the predictions',
    '.sluice/gate/predictions.csv',
    '1,0',
    'evidence-mismatch',
    /predictions\.csv was changed/,
  ],
  ['the metrics', 'out/metrics.json', '12.5', 'evidence-mismatch', /metrics\.json\) was changed/],
])('register-model refuses one changed byte of %s', async (_what, file, at, reason, says) => {
  await project.train('one');
  await changeByte(path.join(project.repository.workspace, file), at);
  await expectRefused(project, await project.register(), reason, says);
});

/** Puts the tag again with this message; whoever may push tags can. */
async function retag({ repository }: Production, change: (message: string) => string): Promise<void> {
  const name = 'flight-delay@v1.0.0';
  const commit = await repository.remoteGit('rev-parse', `${name}^{commit}`);
  const message = await repository.remoteGit('for-each-ref', '--format=%(contents)', `refs/tags/${name}`);
  await repository.remoteGit('tag', '--delete', name);
  const changed = change(message);
  expect(changed).not.toBe(message);
  await repository.tag(name, { commit, time: new Date(), message: changed });
}

const inStore = ({ store }: Production, digest: string, name: string): string =>
  path.join(store, 'flight-delay/sha256', digest, name);
const nextHex = (hex: string): string => (hex === '0' ? '1' : '0');

test.each<[string, (production: Production, digest: string) => Promise<void>, string, RegExp]>([
  [
    'the model',
    (production, digest) => changeByte(inStore(production, digest, 'model/model.json'), '1'),
    'evidence-mismatch',
    /model\.json was changed/,
  ],
  [
    'the passport',
    async ({ store }, digest) =>
      changeByte(
        await besideModel(path.join(store, 'flight-delay/sha256', digest), 'passport.jsonl'),
        'configuration',
      ),
    'evidence-mismatch',
    /passport of v1\.0\.0 was changed.*passport\.jsonl/,
  ],
  [
    'the passport digest in the tag',
    (production) =>
      retag(production, (message) =>
        message.replace(/(Passport-Digest: sha256:)(.)/, (_, key: string, hex: string) => key + nextHex(hex)),
      ),
    'evidence-missing',
    /v1\.0\.0 has no passport: .*passport\.jsonl, which tag flight-delay@v1\.0\.0 names/,
  ],
  [
    'the model digest in the tag',
    (production) =>
      retag(production, (message) =>
        message.replace(/(Model-Digest: sha256:)(.)/, (_, key: string, hex: string) => key + nextHex(hex)),
      ),
    'missing-file',
    /The bytes of v1\.0\.0 .* are not in/,
  ],
])('deploy refuses one changed byte of %s', async (_what, change, reason, says) => {
  const production = await startProduction();
  cleanups.push(() => production.remove());
  const { digest } = await production.register({ bias: 1 });
  await change(production, digest);
  const step = await production.run('deploy');
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': reason } });
  expect(step.annotations[0]?.message).toMatch(says);
  expect((await production.served()).version).toBeNull();
});

test('deploy believes no other bytes that lie in .git under the id of a tag', async () => {
  const production = await startProduction();
  cleanups.push(() => production.remove());
  const { repository } = production;
  const first = await production.register({ bias: 1 });
  const second = await production.register({ bias: 2 });
  const name = await repository.remoteGit('rev-parse', 'refs/tags/flight-delay@v2.0.0');
  const text = await repository.remoteGit('cat-file', 'tag', name);
  const forged = `${text.replace(second.digest, first.digest)}\n`;
  expect(forged).not.toBe(`${text}\n`);
  for (const folder of ['.git/objects', '.git/sluice/objects'])
    await forgeObject(path.join(repository.workspace, folder), name, 'tag', forged);
  const step = await production.run('deploy', { version: 'v2.0.0' });
  expect(step.code).toBe(0);
  expect(await production.served()).toEqual({ version: 'v2.0.0', prediction: 2 });
  expect(step.annotations.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('flight-delay@v2.0.0. They were not believed'),
  );
});
