import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { StepResult } from '@sluice/testing/action.ts';
import { replaceBeside } from '@sluice/testing/stored-file.ts';
import { SIGNED, startSignedProject, type SignedProject } from '@sluice/testing/sigstore/signed-project.ts';
import { TUF, WORKFLOW, startSigningWorld, type SigningWorld } from '@sluice/testing/sigstore/world.ts';

jest.setTimeout(60_000);

const BUNDLE = 'attestation.sigstore.json';
const TAG = 'flight-delay@v1.0.0';
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

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
  world.claims = {};
  await project.repository.remove();
});

/** Trains and registers as v1.0.0; returns the digest. */
async function registered(): Promise<string> {
  const digest = await project.train('one');
  await claimPipeline();
  expect((await project.register()).outputs['version']).toBe('v1.0.0');
  return digest;
}

/** Says in every statement that the pipeline made it, as the actions do. */
async function claimPipeline(): Promise<void> {
  const folder = path.join(project.repository.workspace, '.sluice/evidence');
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const statement = JSON.parse(await readFile(file, 'utf8')) as { predicate: Record<string, unknown> };
    statement.predicate['runDetails'] = {
      builder: { id: `https://github.com/acme/flights/${WORKFLOW}` },
    };
    await writeFile(file, `${JSON.stringify(statement)}\n`);
  }
}

/** Puts the tag again with this message; whoever may push tags can. */
async function retag(change: (message: string) => string): Promise<void> {
  const { repository } = project;
  const commit = await repository.remoteGit('rev-parse', `${TAG}^{commit}`);
  const message = await repository.remoteGit('for-each-ref', '--format=%(contents)', `refs/tags/${TAG}`);
  await repository.remoteGit('tag', '--delete', TAG);
  const changed = change(message);
  expect(changed).not.toBe(message);
  await repository.tag(TAG, { commit, time: new Date(), message: changed });
}

/** Replaces the signature in the store, and its digest in the tag. */
async function replaceBundle(digest: string, text: string): Promise<void> {
  await replaceBeside(path.join(project.store, 'flight-delay/sha256', digest), BUNDLE, text);
  await retag((message) => message.replace(/(?<=Attestation-Digest: sha256:)[0-9a-f]+/, () => sha256(text)));
}

/** The step is red for this reason, says why, and nothing is deployed. */
function expectRefused(step: StepResult, reason: string, says: RegExp): void {
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': reason } });
  expect(step.annotations.find(({ level }) => level === 'error')?.message).toMatch(says);
  expect(existsSync(path.join(project.repository.root, 'served/current'))).toBe(false);
}

/** A certificate by nobody that names this organisation, DER in base64. */
async function certificateBy(organisation: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/O=${organisation}`, '-keyout', '/dev/null', '-outform', 'DER'],
    ],
    { encoding: 'buffer' },
  );
  return stdout.toString('base64');
}

describe('deploy refuses', () => {
  test('a version without a signature, where one is asked for', async () => {
    await project.configure('{trusted-root: trusted_root.json}');
    await registered();
    await project.configure(SIGNED);
    expectRefused(await project.deploy(), 'evidence-missing', /v1\.0\.0 is not signed: tag flight-delay@v1/);
    await project.configure('{require: [gate, signature]}');
    expectRefused(await project.deploy(), 'evidence-missing', /v1\.0\.0 is not signed/);
  });

  test('a signature that is gone, asked for or not', async () => {
    const digest = await registered();
    await rm(await project.beside(digest, BUNDLE));
    expectRefused(
      await project.deploy(),
      'evidence-missing',
      /names sha256:[0-9a-f]{64}, but .*is not there/,
    );
    await project.configure('{trusted-root: trusted_root.json}');
    expectRefused(await project.deploy(), 'evidence-missing', /The signature of v1\.0\.0 is gone/);
  });

  test('one changed byte of it', async () => {
    const digest = await registered();
    const bytes = await readFile(await project.beside(digest, BUNDLE));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(await project.beside(digest, BUNDLE), bytes);
    expectRefused(
      await project.deploy(),
      'evidence-mismatch',
      new RegExp(`attestation\\.sigstore\\.json is sha256:${sha256(bytes)}, but tag ${TAG} says sha256:`),
    );
  });

  test('a signature that the tag does not name', async () => {
    await registered();
    await retag((message) => message.replace(/^Attestation-Digest: .*\n/m, ''));
    expectRefused(await project.deploy(), 'evidence-missing', /v1\.0\.0 is not signed: tag flight-delay@v1/);
  });

  test('the signature of another model, with the tag rewritten', async () => {
    const digest = await registered();
    await project.train('two');
    const step = await project.register();
    expect(step.outputs['version']).toBe('v2.0.0');
    const other = await project.bundle(step.outputs['model-digest'] ?? '');
    await replaceBundle(digest, other);
    expectRefused(
      await project.deploy({}, { version: 'v1.0.0' }),
      'evidence-mismatch',
      new RegExp(
        `it is about model:flight-delay sha256:[0-9a-f]{64}, not about model:flight-delay sha256:${digest}`,
      ),
    );
  });

  test.each<[string, Record<string, string>, string, RegExp]>([
    [
      'another repository',
      {
        repository: 'evil/flights',
        workflow_ref: `evil/flights/${WORKFLOW}`,
        job_workflow_ref: `evil/flights/${WORKFLOW}`,
      },
      SIGNED,
      /signed by a workflow of https:\/\/github\.com\/evil\/flights, not of https:\/\/github\.com\/acme\/flights/,
    ],
    [
      'a reusable workflow of a stranger',
      { job_workflow_ref: `evil/tools/${WORKFLOW}` },
      SIGNED,
      /signed by https:\/\/github\.com\/evil\/tools\/.*, which is not a workflow of https:\/\/github\.com\/acme\/flights/,
    ],
    [
      'a workflow that is not trusted',
      {
        workflow_ref: 'acme/flights/.github/workflows/evil.yml@refs/heads/main',
        job_workflow_ref: 'acme/flights/.github/workflows/evil.yml@refs/heads/main',
      },
      '{attest: true, trusted-root: trusted_root.json, trusted-workflows: .github/workflows/pipeline.yml}',
      /evil\.yml@refs\/heads\/main, which is not one of evidence\.trusted-workflows/,
    ],
    [
      'a trusted workflow of another branch',
      {
        workflow_ref: 'acme/flights/.github/workflows/pipeline.yml@refs/heads/dev',
        job_workflow_ref: 'acme/flights/.github/workflows/pipeline.yml@refs/heads/dev',
      },
      `{attest: true, trusted-root: trusted_root.json, trusted-workflows: ${WORKFLOW}}`,
      /pipeline\.yml@refs\/heads\/dev, which is not one of/,
    ],
    [
      'an identity by another issuer',
      { iss: 'https://gitlab.com' },
      SIGNED,
      /an identity by https:\/\/gitlab\.com, not by https:\/\/token\.actions\.githubusercontent\.com/,
    ],
  ])('a signature by %s', async (_who, claims, evidence, says) => {
    world.claims = claims;
    await registered();
    await project.configure(evidence);
    expectRefused(await project.deploy(), 'evidence-mismatch', says);
  });

  test('what was signed under an earlier name of the repository, until sluice.yaml names it', async () => {
    world.claims = { repository_id: '7' };
    await registered();
    const evidence =
      '{attest: true, trusted-root: trusted_root.json, trusted-workflows: .github/workflows/pipeline.yml}';
    await project.configure(evidence);
    const renamed = { GITHUB_REPOSITORY: 'acme/renamed', GITHUB_REPOSITORY_ID: '7' };
    expectRefused(
      await project.deploy(renamed),
      'evidence-mismatch',
      /is by https:\/\/github\.com\/acme\/flights\/.*, which is not one of .* evidence\.former-repositories/,
    );
    await project.configure(SIGNED);
    const says =
      /an earlier name of this repository, so add 'acme\/flights' to evidence\.former-repositories/;
    expectRefused(await project.deploy(renamed), 'evidence-mismatch', says);
    await project.configure(evidence.replace('}', ', former-repositories: [acme/flights]}'));
    expectRefused(
      await project.deploy({ ...renamed, GITHUB_REPOSITORY_ID: '8' }),
      'evidence-mismatch',
      /it is another repository \(number 7, not 8\): somebody else has the name now/,
    );
    expect(await project.deploy(renamed)).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
  });

  test('a trusted root that is none, or not there', async () => {
    await registered();
    await project.repository.write({ 'trusted_root.json': '{"certificateAuthorities": []}' });
    expectRefused(
      await project.deploy(),
      'bad-config',
      /evidence\.trusted-root \(trusted_root\.json\) is not/,
    );
    await project.configure('{attest: true, trusted-root: absent.jsonl}');
    expectRefused(await project.deploy(), 'missing-file', /absent\.jsonl/);
  });

  test('a signature whose keys cannot be fetched', async () => {
    const digest = await registered();
    const bundle = JSON.parse(await project.bundle(digest)) as {
      verificationMaterial: { certificate: { rawBytes: string } };
    };
    bundle.verificationMaterial.certificate.rawBytes = await certificateBy('sigstore.dev');
    await replaceBundle(digest, JSON.stringify(bundle));
    await project.configure('{attest: true}');
    world.faults.set(TUF, () => Promise.resolve({ statusCode: 200, response: '<html>' }));
    const step = await project.deploy();
    world.faults.clear();
    expectRefused(
      step,
      'service-unavailable',
      /could not be fetched from https:\/\/tuf-repo-cdn\.sigstore\.dev: .*JSON.*evidence\.trusted-root/,
    );
    expect(world.network.connections).toContain(TUF);
  });

  test('to guess which repository may have signed', async () => {
    await registered();
    expectRefused(await project.deploy({ GITHUB_REPOSITORY: '' }), 'bad-config', /GITHUB_REPOSITORY/);
  });
});
