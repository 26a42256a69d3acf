import type { ActionContext } from '../action/context.ts';
import { UserError, errorMessage } from '../action/errors.ts';
import { boundFiles, checkFile, type BoundFiles } from './bound-files.ts';
import {
  buildPassport,
  checkEvidence,
  readStatements,
  type ModelIdentity,
  type Passport,
} from './passport.ts';
import { checkPolicy, type EvidencePolicy } from './policy.ts';
import { evidenceRefusal } from './refusal.ts';
import { checkWriters } from './writer.ts';
import { evidenceRows, type EvidenceRow } from './rows.ts';
import type { Statement, Writer } from './statement.ts';

/** What vouches for a model that is to be registered. */
export interface Evidence {
  readonly passport: Passport;
  readonly rows: readonly EvidenceRow[];
  /** The files with numbers that the statements name. */
  readonly bound: BoundFiles;
}

/** Reads and checks the evidence about a model. Throws `evidence-*` when it does not vouch for these bytes, or is not of the run `here`. */
export async function gatherEvidence(
  { workspace }: Pick<ActionContext, 'workspace'>,
  folder: string,
  model: ModelIdentity,
  policy: EvidencePolicy,
  here: Writer,
): Promise<Evidence> {
  const statements = await readStatements(workspace, folder).catch((error: unknown) => {
    throw new UserError(
      'bad-input',
      `The evidence in ${folder} cannot be read: ${errorMessage(error)}. Run the step that wrote it again.`,
      { cause: error },
    );
  });
  requireEvidence(statements, model, policy, folder);
  const foreign = checkWriters(statements, model, here);
  if (foreign !== undefined) throw evidenceRefusal(foreign, `${foreign.message} Evidence: ${folder}.`);
  const { digest } = model;
  return {
    passport: buildPassport(statements, digest),
    rows: evidenceRows(statements, digest),
    bound: boundFiles(statements, model),
  };
}

/** Throws `evidence-*` for statements that do not vouch for a model, or not as the policy asks; `place` says where they lie. */
export function requireEvidence(
  statements: readonly Statement[],
  model: ModelIdentity,
  policy: EvidencePolicy,
  place: string,
): void {
  const problem = checkEvidence(statements, model) ?? checkPolicy(statements, model, policy, new Date());
  if (problem === undefined) return;
  throw evidenceRefusal(problem, `${problem.message} Evidence: ${place}.`);
}

/** Throws `evidence-mismatch` for a file that is not one of those that the statements name. */
export function requireBound(what: string, digest: string, allowed: ReadonlySet<string>): void {
  const problem = checkFile(what, digest, allowed);
  if (problem === undefined) return;
  throw evidenceRefusal(problem, `${problem.message} Run evaluate-gate again, and register what it judged.`);
}
