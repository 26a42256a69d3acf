import * as z from 'zod/mini';
import { withRetries, type ForgeApi } from './api.ts';

const answerSchema = z.object({ id: z.number() });

/**
 * Files a Sigstore bundle with GitHub, where `gh attestation verify` looks for it. Returns the id of its page. A lost answer
 * is simply followed by another request: a bundle that is there twice is one more line in a list. Throws ForgeRefusal or
 * ForgeUnavailable.
 */
export async function fileAttestation(api: ForgeApi, bundle: unknown): Promise<string> {
  const { id } = await withRetries(api, () =>
    api.request('POST /repos/{owner}/{repo}/attestations', { bundle }, answerSchema),
  );
  return String(id);
}
