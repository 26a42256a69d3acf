import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectNothingWritten, expectRefused } from '@sluice/testing/refused.ts';
import { SIGNED, startSignedProject, type SignedProject } from '@sluice/testing/sigstore/signed-project.ts';
import { startSigningWorld, type SigningWorld } from '@sluice/testing/sigstore/world.ts';

jest.setTimeout(60_000);

let world: SigningWorld;
let project: SignedProject;
beforeAll(async () => {
  world = await startSigningWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  project = await startSignedProject(world);
});
afterEach(async () => {
  world.faults.clear();
  world.github.state.permit({ attestations: 'write' });
  await project.repository.remove();
});

/** Takes the version away, as when the run had ended between store and tag. */
async function forgetVersion(): Promise<void> {
  await project.repository.remoteGit('tag', '--delete', 'flight-delay@v1.0.0');
}
const trailer = async (name: string): Promise<string> =>
  project.repository.remoteGit('for-each-ref', `--format=%(contents:trailers:key=${name})`, 'refs/tags');

describe('nothing is registered', () => {
  test('without the permission to ask for an identity', async () => {
    await project.train('one');
    const step = await project.register({}, { env: { ACTIONS_ID_TOKEN_REQUEST_URL: '' } });
    await expectRefused(
      project,
      step,
      'no-permission',
      /^The model cannot be signed: the job may not ask for its identity\. Add to the job:\npermissions:\n {2}contents: write\n {2}id-token: write\n {2}attestations: write\n/,
    );
  });

  test('without the permission to file it', async () => {
    world.github.state.permit({ attestations: 'read' });
    await project.train('one');
    await expectRefused(
      project,
      await project.register(),
      'no-permission',
      /could not be filed with https:\/\/github\.com\/acme\/flights, .*403 Resource not accessible/,
      /\npermissions:\n {2}contents: write\n {2}id-token: write\n {2}attestations: write\n/,
      /GitHub Enterprise Cloud/,
    );
  });

  test.each(['https://github.example.com', 'https://codeberg.org', 'https://github.com.evil.example'])(
    'on %s, which gives no identities',
    async (server) => {
      await project.train('one');
      const step = await project.register({}, { env: { GITHUB_SERVER_URL: server } });
      await expectRefused(project, step, 'bad-config', new RegExp(`runs of ${server} have no identity`));
    },
  );

  test('without a token', async () => {
    await project.train('one');
    await expectRefused(
      project,
      await project.register({ 'github-token': '' }),
      'bad-input',
      /there is no token/,
    );
  });

  test('when sluice.yaml asks for a signature that nobody would make', async () => {
    await project.train('one');
    const says = /asks for a signature \(evidence\.attest: true\), but the input 'attest' is false/;
    await expectRefused(project, await project.register({ attest: 'false' }), 'evidence-missing', says);
    await project.configure('{require: [signature]}');
    await expectRefused(project, await project.register(), 'evidence-missing', /evidence\.require/);
  });

  test.each<[string, string, { statusCode: number; response: string }, RegExp]>([
    [
      'the certificate authority answers with a page',
      'fulcio.sigstore.dev',
      { statusCode: 200, response: '<html>Sign in</html>' },
      /Fulcio\) did not answer as it should .*<html>/,
    ],
    [
      'the certificate authority refuses',
      'fulcio.sigstore.dev',
      { statusCode: 403, response: 'no' },
      /Fulcio\) did not answer as it should .*403/,
    ],
    [
      'the log is down',
      'rekor.sigstore.dev',
      { statusCode: 503, response: '<html>' },
      /Rekor\) did not answer as it should .*503/,
    ],
  ])('when %s', async (_what, host, answer, says) => {
    world.faults.set(host, () => Promise.resolve(answer));
    await project.train('one');
    await expectRefused(project, await project.register(), 'service-unavailable', says);
    world.faults.clear();
    expect((await project.register()).outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
  });

  test('when GitHub does not take it, however often it is asked', async () => {
    const path = /\/attestations$/;
    world.github.fail({ method: 'POST', path, kind: { status: 503 }, times: 3 });
    await project.train('one');
    await expectRefused(project, await project.register(), 'service-unavailable', /could not be filed .*503/);
  });

  test('when the job is cancelled while it signs', async () => {
    let asked = (): void => undefined;
    const after = new Promise<void>((resolve) => {
      asked = resolve;
    });
    world.faults.set('fulcio.sigstore.dev', async () => {
      asked();
      await sleep(60_000, undefined, { ref: false });
      return { statusCode: 400, response: 'late' };
    });
    await project.train('one');
    const began = performance.now();
    const step = await project.register({}, { kill: { signal: 'SIGINT', after } });
    // The library gives Fulcio up after 47 s.
    expect(performance.now() - began).toBeLessThan(30_000);
    await expectRefused(project, step, 'cancelled', /cancelled \(SIGINT\)/);
  });

  test('in a dry run, which signs nothing and needs no permission', async () => {
    const before = world.network.connections.length;
    await project.train('one');
    const step = await project.register({ 'dry-run': 'true' }, { env: { ACTIONS_ID_TOKEN_REQUEST_URL: '' } });
    expect(step.outputs['decision']).toBe('pass');
    expect(world.network.connections).toHaveLength(before);
    await expectNothingWritten(project);
  });
});

test('a lost answer of GitHub is asked for again', async () => {
  world.github.fail({ method: 'POST', path: /\/attestations$/, kind: 'reset' });
  await project.train('one');
  expect((await project.register()).outputs['decision']).toBe('pass');
});

describe('bytes that were stored before', () => {
  test.each([
    ['signed', (file: string) => readFile(file)],
    ['without a signature', (file: string) => rm(file)],
  ])(
    '%s by a run that ended before the tag are signed by the run whose version they become',
    async (_, change) => {
      const digest = await project.train('one');
      await project.register();
      const first = await project.beside(digest, 'attestation.sigstore.json');
      await change(first);
      await forgetVersion();
      const filed = world.github.state.attestations.length;
      const step = await project.register();
      expect(step.outputs).toMatchObject({ decision: 'pass', created: 'true' });
      expect(world.github.state.attestations).toHaveLength(filed + 1);
      const [, named = ''] = /sha256:(\w+)/.exec(await trailer('Attestation-Digest')) ?? [];
      const own = await readFile(path.join(first, '../..', named, 'attestation.sigstore.json'));
      expect(createHash('sha256').update(own).digest('hex')).toBe(named);
      expect((await project.deploy()).outputs['reason-code']).toBe('not-verified');
    },
  );

  test('and registered without a signature are reported', async () => {
    await project.configure('{}');
    await project.train('one');
    await project.register();
    await project.configure(SIGNED);
    const step = await project.register();
    expect(step).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'already-registered', version: 'v1.0.0' },
    });
    expect(step.annotations[0]?.message).toMatch(/registered without a signature, so deploy refuses it/);
  });
});

test('rollback goes back to a signed version without anybody to verify it with', async () => {
  for (const weights of ['one', 'two']) {
    await project.train(weights);
    await project.register();
    expect((await project.deploy()).outputs['reason-code']).toBe('not-verified');
  }
  await project.repository.write({ 'trusted_root.json': '' });
  const step = await project.rollback({ reason: 'worse' });
  expect(step.outputs).toMatchObject({ 'reason-code': 'not-verified', version: 'v1.0.0' });
});

test('without a trusted root, an authority that nobody knows is not asked about', async () => {
  await project.train('one');
  await project.register();
  await project.configure('{attest: true}');
  const before = world.network.connections.length;
  const step = await project.deploy();
  expect(step.outputs['reason-code']).toBe('evidence-mismatch');
  expect(step.annotations[0]?.message).toMatch(/O=sigstore\.mock.*an authority that the trust root/);
  expect(world.network.connections).toHaveLength(before);
});
