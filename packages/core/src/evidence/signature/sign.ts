import { UserError, errorMessage } from '../../action/errors.ts';
import { hasIdentities } from './server.ts';
import type { Unsigned } from './summary.ts';

/** A signed statement. */
export interface Attestation {
  /** The Sigstore bundle, JSON on one line. */
  readonly text: string;
  /** Its place in the public transparency log; undefined for a repository that is not public. */
  readonly logIndex: string | undefined;
}

/** What a job that signs needs; also in the READMEs. */
export const PERMISSIONS = `permissions:
  contents: write
  id-token: write
  attestations: write
As soon as one permission is written, all others are none; keep those that the job has.`;

/**
 * Signs a statement with a certificate for the identity of this workflow run, through @actions/attest: Sigstore's public
 * instance for a public repository, GitHub's own for others. Throws UserError `bad-config` where the server has no such
 * identities, `no-permission` without `id-token: write`, and `service-unavailable`. Takes at most about two minutes.
 */
export async function signStatement(
  { subjects, predicateType, predicate }: Unsigned,
  env: Readonly<NodeJS.ProcessEnv>,
  signal: AbortSignal,
): Promise<Attestation> {
  requireIdentity(env);
  const { attest } = await import('@actions/attest');
  const { bundle, tlogID } = await unlessCancelled(
    attest({
      subjects: subjects.map(({ name, digest }) => ({ name, digest: { ...digest } })),
      predicateType,
      predicate,
      // It is filed with GitHub by our own client, whose requests end and whose refusals are explained.
      token: '',
      skipWrite: true,
    }).catch((error: unknown) => {
      throw explained(error);
    }),
    signal,
  );
  return { text: `${JSON.stringify(bundle)}\n`, logIndex: tlogID };
}

/** Throws unless this step can sign. */
export function requireIdentity(env: Readonly<NodeJS.ProcessEnv>): void {
  const { GITHUB_SERVER_URL: server = '', ACTIONS_ID_TOKEN_REQUEST_URL: url } = env;
  if (!hasIdentities(server)) {
    throw new UserError(
      'bad-config',
      `evidence.attest is true, but workflow runs of ${server === '' ? 'this machine' : server} have no identity that Sigstore knows. It works on github.com and ghe.com. Elsewhere leave evidence.attest out and protect the tags of the ledger.`,
    );
  }
  if (url) return;
  throw new UserError(
    'no-permission',
    `The model cannot be signed: the job may not ask for its identity. Add to the job:\n${PERMISSIONS}\nPull requests from forks never get an identity.`,
  );
}

/** What the codes of @sigstore/sign are about. */
const SERVICES: Readonly<Record<string, string>> = {
  IDENTITY_TOKEN_READ_ERROR: "GitHub's identity service",
  IDENTITY_TOKEN_PARSE_ERROR: "GitHub's identity service",
  CA_CREATE_SIGNING_CERTIFICATE_ERROR: "Sigstore's certificate authority (Fulcio)",
  TLOG_CREATE_ENTRY_ERROR: "Sigstore's transparency log (Rekor)",
  TLOG_FETCH_ENTRY_ERROR: "Sigstore's transparency log (Rekor)",
  TSA_CREATE_TIMESTAMP_ERROR: 'the timestamp authority',
};

function explained(error: unknown): UserError {
  const { code } = error as { code?: string };
  const service = SERVICES[code ?? ''] ?? 'Sigstore';
  return new UserError(
    'service-unavailable',
    `The model was not signed, and nothing was registered: ${service} did not answer as it should (${reasonOf(error)}). Run the job again; if it stays, look at status.sigstore.dev and githubstatus.com, and at the proxy of the runner.`,
    { cause: error },
  );
}

/** The causes below say what the code alone does not. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const said = errorMessage(error);
  if (cause === undefined || said.includes(errorMessage(cause))) return said;
  return `${said}: ${reasonOf(cause)}`;
}

/** The library cannot be stopped; its requests end by themselves, within a minute each. */
async function unlessCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let cancel: (() => void) | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    cancel = () => reject(signal.reason as Error);
    signal.addEventListener('abort', cancel, { once: true });
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    if (cancel !== undefined) signal.removeEventListener('abort', cancel);
  }
}
