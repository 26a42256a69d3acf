import * as z from 'zod/mini';
import { ForgeRefusal, withRetries, type ForgeApi } from './api.ts';
import { startCheck } from './check-run.ts';
import { startStatus } from './commit-status.ts';
import type { CommitMark, MarkRequest } from './mark.ts';

/** Why a commit status stands where a check run would be. */
export type Instead =
  /** The forge has no check runs; Gitea and Forgejo do not. */
  | { readonly kind: 'no-check-runs'; readonly version: string }
  /** The token is a person's, and check runs are written by apps alone. */
  | { readonly kind: 'personal-token' };

/**
 * Begins a check run, or a commit status where this forge or this token has no check runs; `onInstead` is told so before.
 * Which it is is found out by asking for a check run. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function startMark(
  api: ForgeApi,
  request: MarkRequest,
  onInstead: (instead: Instead) => void,
): Promise<CommitMark> {
  try {
    return await startCheck(api, request);
  } catch (error) {
    if (!(error instanceof ForgeRefusal)) throw error;
    const instead = await replacement(api, error);
    if (instead === undefined) throw error;
    onInstead(instead);
    return startStatus(api, request);
  }
}

async function replacement(api: ForgeApi, refusal: ForgeRefusal): Promise<Instead | undefined> {
  if (refusal.status === 403 && isAboutPersonalToken(refusal.said)) return { kind: 'personal-token' };
  // GitHub explains a 404; a path that a server does not know is answered by its router, without a word of the forge.
  if (refusal.status !== 404 || refusal.said !== '') return undefined;
  const version = await forgeVersion(api);
  return version === undefined ? undefined : { kind: 'no-check-runs', version };
}

/** Classic tokens are told the first, fine-grained ones the second. */
function isAboutPersonalToken(said: string): boolean {
  return /must authenticate via a GitHub App|not accessible by personal access token/i.test(said);
}

/** What Gitea and Forgejo answer; undefined for a server that has no such thing. */
async function forgeVersion(api: ForgeApi): Promise<string | undefined> {
  try {
    const { version } = await withRetries(api, () =>
      api.request('GET /version', {}, z.object({ version: z.string() })),
    );
    return version;
  } catch (error) {
    if (error instanceof ForgeRefusal && error.status === 404) return undefined;
    throw error;
  }
}
