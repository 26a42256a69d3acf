import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { startSignedProject, type SignedProject } from '@sluice/testing/sigstore/signed-project.ts';
import { startSigningWorld, type SigningWorld } from '@sluice/testing/sigstore/world.ts';

jest.setTimeout(60_000);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Statement {
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

function statementIn(bundle: string): Statement {
  const { dsseEnvelope } = JSON.parse(bundle) as { dsseEnvelope: { payload: string } };
  return JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8')) as Statement;
}

describe.each([
  ['public', ['fulcio.sigstore.dev', 'rekor.sigstore.dev']],
  ['private', ['fulcio.githubapp.com', 'timestamp.githubapp.com']],
] as const)('in a %s repository', (visibility, services) => {
  let world: SigningWorld;
  let project: SignedProject;
  let digest: string;
  beforeAll(async () => {
    world = await startSigningWorld(visibility);
    project = await startSignedProject(world);
    digest = await project.train('one');
  });
  afterAll(async () => {
    await project.repository.remove();
    await world.stop();
  });

  test('register-model signs one statement, files it with GitHub and names it in the tag', async () => {
    const step = await project.register();
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', version: 'v1.0.0' } });
    expect(world.network.connections).toEqual(services);
    const bundle = await project.bundle(digest);
    expect(world.github.state.attestations).toEqual([JSON.parse(bundle)]);
    expect(world.github.violations).toEqual([]);
    const { attestation } = step.result as { attestation: Record<string, string> };
    expect(attestation).toMatchObject({
      digest: sha256(bundle),
      page: expect.stringMatching(/^https:\/\/github\.com\/acme\/flights\/attestations\/\d+$/),
    });
    expect('log-index' in attestation).toBe(visibility === 'public');
    const tag = await project.repository.remoteGit(
      'tag',
      '-l',
      '--format=%(contents)',
      'flight-delay@v1.0.0',
    );
    expect(tag).toContain(`\nAttestation-Digest: sha256:${sha256(bundle)}\n`);
    const { subject, predicateType, predicate } = statementIn(bundle);
    const passport = String(step.result['passport-digest']);
    expect(predicateType).toBe('https://slsa.dev/verification_summary/v1');
    expect(predicate['inputAttestations']).toEqual([{ uri: 'passport.jsonl', digest: { sha256: passport } }]);
    expect(subject.map(({ name }) => name)).toEqual([
      'model:flight-delay',
      'openssf-model-signing:flight-delay',
      'passport.jsonl',
      'metrics.json',
      'gate.json',
      'README.md',
      'model/meta/info.json',
      'model/weights',
    ]);
    expect(subject[0]?.digest.sha256).toBe(digest);
    expect(subject[2]?.digest.sha256).toBe(passport);
    expect(subject.at(-1)?.digest.sha256).toBe(sha256('one'));
  });

  test('deploy and fetch-model verify it with the given trusted root, and asks nobody', async () => {
    const before = world.network.connections.length;
    const step = await project.deploy({ GITHUB_API_URL: 'http://127.0.0.1:1' });
    expect(step.outputs).toMatchObject({ 'reason-code': 'not-verified', version: 'v1.0.0' });
    expect(step.stdout).toContain(
      'v1.0.0 was signed by https://github.com/acme/flights/.github/workflows/pipeline.yml@refs/heads/main, in the run https://github.com/acme/flights/actions/runs/42/attempts/1.',
    );
    expect(step.summary).toContain('v1.0.0 was signed by https');
    const fetched = await project.fetchModel({ GITHUB_API_URL: 'http://127.0.0.1:1' });
    expect(fetched.outputs).toMatchObject({ 'reason-code': 'ok', version: 'v1.0.0' });
    expect(fetched.summary).toContain('v1.0.0 was signed by https');
    expect(world.network.connections).toHaveLength(before);
  });

  test('the same bytes again are neither signed nor filed a second time', async () => {
    const step = await project.register();
    expect(step.outputs).toMatchObject({ decision: 'pass', 'reason-code': 'already-registered' });
    expect(step.result['attestation']).toEqual({ digest: sha256(await project.bundle(digest)) });
    expect(world.github.state.attestations).toHaveLength(1);
  });
});
