import { readFile } from 'node:fs/promises';
import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import { insideWorkspace } from '../action/paths.ts';
import { sha256 } from '../digest/files.ts';
import type { EvidencePolicy } from '../evidence/policy.ts';
import type { Expected } from '../evidence/signature/identity.ts';
import { ATTESTATION } from '../evidence/signature/summary.ts';
import type { RootsFor } from '../evidence/signature/verify.ts';
import type { IdentifiedVersion } from '../ledger/state.ts';
import type { ReadableStore } from '../store/store.ts';
import type { VersionSettings } from './version-settings.ts';

type SignatureSettings = Pick<VersionSettings, 'model' | 'base' | 'policy' | 'trustedRoot'>;

/**
 * Verifies the signature of a version whose model and passport were found to be those that its tag names. A version
 * without one is refused only where the policy asks for signatures, but one that is there has to hold. Returns who signed,
 * a sentence, or nothing. Throws UserError `evidence-missing` or `evidence-mismatch`.
 */
export async function requireSignature(
  context: ActionContext,
  store: ReadableStore,
  settings: SignatureSettings,
  record: IdentifiedVersion,
): Promise<readonly [] | readonly [string]> {
  const { model, policy } = settings;
  const text = await signatureOf(store, model, record, policy.requireSignature);
  if (text === undefined) {
    context.log.info(`${record.version} is not signed, and evidence.attest does not ask for it.`);
    return [];
  }
  const { verifyAttestation } = await import('../evidence/signature/verify.ts');
  const verified = await verifyAttestation(
    text,
    await trustRoots(context, settings),
    {
      model: { name: model, digest: record.modelDigest },
      passport: record.passportDigest ?? '',
    },
    expectedSigner(context.env, policy),
  );
  if (verified.kind === 'refused') {
    throw mismatch(
      `The signature of ${record.version} (${placeOf(store, model, record)}) is not to be trusted: ${verified.why}. Do not deploy this version; register the model again.`,
    );
  }
  const { workflow, run } = verified.signer;
  return [`${record.version} was signed by ${workflow}${run === undefined ? '' : `, in the run ${run}`}.`];
}

/** The bundle that the tag names; undefined where there is none and none is asked for. */
async function signatureOf(
  store: ReadableStore,
  model: string,
  record: IdentifiedVersion,
  required: boolean,
): Promise<string | undefined> {
  const { version, tag, attestationDigest: named } = record;
  const place = placeOf(store, model, record);
  if (named === undefined) {
    if (!required) return undefined;
    throw missing(
      `${version} is not signed: tag ${tag} names no signature, and sluice.yaml asks for one (evidence.attest or evidence.require). Deploy a version that was registered with evidence.attest: true.`,
    );
  }
  const file = await store.companion(model, record.modelDigest, { name: ATTESTATION, sha256: named });
  if (file === undefined)
    throw missing(
      `The signature of ${version} is gone: tag ${tag} names sha256:${named}, but ${place} is not there. Restore it.`,
    );
  const bytes = await readFile(file);
  const found = sha256(bytes);
  if (found === named) return bytes.toString('utf8');
  throw mismatch(
    `The signature of ${version} was changed: ${place} is sha256:${found}, but tag ${tag} says sha256:${named}. Restore it, or register the model again.`,
  );
}

async function trustRoots(
  { workspace, env }: ActionContext,
  { trustedRoot, base }: SignatureSettings,
): Promise<RootsFor> {
  const { givenRoots, publishedRoots } = await import('../evidence/signature/roots.ts');
  if (trustedRoot === undefined) return publishedRoots(env['GITHUB_SERVER_URL'] ?? '');
  const what = 'evidence.trusted-root';
  const file = await insideWorkspace(workspace, base, trustedRoot, { what, kind: 'file' });
  return givenRoots(await readFile(file, 'utf8'), `${what} (${trustedRoot})`);
}

function expectedSigner(
  {
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_ID: repositoryId,
  }: Readonly<NodeJS.ProcessEnv>,
  { trustedWorkflows, renamed }: EvidencePolicy,
): Expected {
  if (server && URL.canParse(server) && repository)
    return { server, repository, repositoryId: repositoryId || undefined, renamed, trustedWorkflows };
  throw new UserError(
    'bad-config',
    'The version is signed, but nothing says which repository may have signed it. Set GITHUB_SERVER_URL (such as https://github.com) and GITHUB_REPOSITORY (such as acme/flights), as workflow runs do.',
  );
}

const placeOf = (store: ReadableStore, model: string, { modelDigest }: { modelDigest: string }): string =>
  `${store.uri}/${model}/sha256/${modelDigest}/${ATTESTATION}`;

const missing = (message: string): UserError =>
  new UserError('evidence-missing', message, { decision: 'fail' });
const mismatch = (message: string): UserError =>
  new UserError('evidence-mismatch', message, { decision: 'fail' });
