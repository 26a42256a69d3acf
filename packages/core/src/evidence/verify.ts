import { errorMessage } from '../action/errors.ts';
import { sha256 } from '../digest/files.ts';
import { checkEvidence, parsePassport, type ModelIdentity, type PassportProblem } from './passport.ts';
import type { Statement } from './statement.ts';

/** What the tag of a version says about its evidence. */
export interface TagClaim {
  readonly version: string;
  readonly tag: string;
  /** sha256 (hex) of the passport's bytes. */
  readonly passportDigest?: string | undefined;
}

/** The statements of a passport that is the one its tag names, or why it is not. */
export type OpenedPassport =
  | { readonly kind: 'open'; readonly statements: readonly Statement[] }
  | { readonly kind: 'problem'; readonly problem: PassportProblem };

/** Digests the bytes of a passport, compares them with what the tag says, and parses them. `place` says where they lie. */
export function openPassport(
  { version, tag, passportDigest }: TagClaim,
  bytes: Uint8Array | undefined,
  place: string,
): OpenedPassport {
  const problem = (kind: PassportProblem['kind'], message: string): OpenedPassport => ({
    kind: 'problem',
    problem: { kind, place, message },
  });
  if (bytes === undefined || passportDigest === undefined) {
    const what =
      passportDigest === undefined
        ? `tag ${tag} names no passport. Register the model with register-model after evaluate-gate`
        : `${place}, which tag ${tag} names, does not exist. Restore it, or register the model again, which makes a new version of the same bytes`;
    return problem('missing', `${version} has no passport: ${what}.`);
  }
  const found = sha256(bytes);
  if (found !== passportDigest) {
    return problem(
      'mismatch',
      `The passport of ${version} was changed: ${place} is sha256:${found}, but tag ${tag} says sha256:${passportDigest}. Restore it, or register the model again.`,
    );
  }
  try {
    return { kind: 'open', statements: parsePassport(Buffer.from(bytes).toString('utf8')) };
  } catch (error) {
    return problem(
      'mismatch',
      `The passport of ${version} cannot be read: ${place}: ${errorMessage(error)}. Register the model again.`,
    );
  }
}

/** Opens a passport and checks that it vouches for exactly this model. */
export function verifyPassport(
  claim: TagClaim,
  bytes: Uint8Array | undefined,
  place: string,
  model: ModelIdentity,
): OpenedPassport {
  const opened = openPassport(claim, bytes, place);
  if (opened.kind === 'problem') return opened;
  const problem = checkEvidence(opened.statements, model);
  if (problem === undefined) return opened;
  const message = `The passport of ${claim.version} does not vouch for it. ${problem.message}`;
  return { kind: 'problem', problem: { ...problem, message } };
}
