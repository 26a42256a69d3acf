import { attest } from '@actions/attest';
import { UserError } from '../../action/errors.ts';
import { reasonOf } from './reason.ts';
import type { Unsigned } from './summary.ts';

/** A signed statement. */
export interface Attestation {
  /** The Sigstore bundle, JSON on one line. */
  readonly text: string;
  /** Its place in the public transparency log; undefined for a repository that is not public. */
  readonly logIndex: string | undefined;
}

/**
 * Signs a statement with a certificate for the identity of this workflow run, through @actions/attest: Sigstore's public
 * instance for a public repository, GitHub's own for others. Throws UserError `service-unavailable`. Takes at most about
 * two minutes.
 */
export async function signStatement(
  { subjects, predicateType, predicate }: Unsigned,
  signal: AbortSignal,
): Promise<Attestation> {
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
