import * as path from 'node:path';
import { readFile } from 'node:fs/promises';
import { UserError, errorMessage } from '@sluice/core/action/errors.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { acceptanceOf } from '@sluice/core/evidence/accepted.ts';
import { boundFiles, checkFile, type BoundFiles } from '@sluice/core/evidence/bound-files.ts';
import {
  PASSPORT,
  buildPassport,
  checkEvidence,
  parsePassport,
  readStatements,
  relations,
  type ModelIdentity,
  type Passport,
  type Relation,
} from '@sluice/core/evidence/passport.ts';
import { checkPolicy, type EvidencePolicy } from '@sluice/core/evidence/policy.ts';
import { evidenceRefusal } from '@sluice/core/evidence/refusal.ts';
import { TEST_RESULT, type Statement, type TestResultStatement } from '@sluice/core/evidence/statement.ts';
import type { Store } from '@sluice/core/store/store.ts';
import type { Reason } from './definition.ts';

/** One row of the report: what a statement says and about what. */
export interface EvidenceRow {
  readonly action: string;
  readonly verdict: string;
  readonly about: Relation;
}

export interface Evidence {
  readonly passport: Passport;
  readonly rows: readonly EvidenceRow[];
  /** The files with numbers that the statements name. */
  readonly bound: BoundFiles;
}

/** Reads and checks the evidence about a model. Throws `evidence-*` when it does not vouch for these bytes. */
export async function gatherEvidence(
  folder: string,
  model: ModelIdentity,
  policy: EvidencePolicy,
): Promise<Evidence> {
  const statements = await readStatements(folder).catch((error: unknown) => {
    throw new UserError<Reason>(
      'bad-input',
      `The evidence in ${folder} cannot be read: ${errorMessage(error)}. Run the step that wrote it again.`,
      { cause: error },
    );
  });
  requireEvidence(statements, model, policy, folder);
  const { digest } = model;
  return {
    passport: buildPassport(statements, digest),
    rows: describe(statements, digest),
    bound: boundFiles(statements, model),
  };
}

/**
 * The passport that lies beside bytes which were stored before, by a run that never finished or by one that is running
 * now. The ledger must name that one, for stored files are never replaced.
 */
export async function storedPassport(
  store: Store,
  model: string,
  digest: string,
  policy: EvidencePolicy,
): Promise<Passport> {
  const file = await store.companion(model, digest, PASSPORT);
  const entry = `${store.uri} (${path.join(model, 'sha256', digest)})`;
  if (file === undefined) {
    throw new UserError<Reason>(
      'evidence-mismatch',
      `The store ${entry} has these bytes without a passport. Remove that folder and run again.`,
      {
        decision: 'fail',
      },
    );
  }
  const bytes = await readFile(file);
  const text = bytes.toString('utf8');
  requireEvidence(
    readable(() => parsePassport(text), file),
    { name: model, digest },
    policy,
    file,
  );
  return { text, sha256: sha256(bytes) };
}

function readable<T>(parse: () => T, file: string): T {
  try {
    return parse();
  } catch (error) {
    throw new UserError<Reason>(
      'evidence-mismatch',
      `The passport ${file} is damaged: ${errorMessage(error)}. Restore it.`,
      {
        cause: error,
        decision: 'fail',
      },
    );
  }
}

function requireEvidence(
  statements: readonly Statement[],
  model: ModelIdentity,
  policy: EvidencePolicy,
  place: string,
): void {
  const problem = checkEvidence(statements, model) ?? checkPolicy(statements, model, policy, new Date());
  if (problem === undefined) return;
  throw evidenceRefusal(problem, `${problem.message} Evidence: ${place}.`) satisfies UserError<Reason>;
}

/** Throws `evidence-mismatch` for a file that is not one of those that the statements name. */
export function requireBound(what: string, digest: string, allowed: ReadonlySet<string>): void {
  const problem = checkFile(what, digest, allowed);
  if (problem === undefined) return;
  throw evidenceRefusal(problem, `${problem.message} Run evaluate-gate again, and register what it judged.`);
}

function describe(statements: readonly Statement[], modelDigest: string): EvidenceRow[] {
  const about = relations(statements, modelDigest);
  return statements.map((s) => {
    const relation = about.get(s) ?? 'other';
    if (s.predicateType !== TEST_RESULT) return { action: 'train', verdict: 'recorded', about: relation };
    const gate = s.subject.some(({ name }) => name.startsWith('model:'));
    return {
      action: gate ? 'evaluate-gate' : 'validate-data',
      verdict: verdictOf(s),
      about: relation,
    };
  });
}

/** A failure that was accepted is a warning to the gate; whoever registers the model sees which it was. */
function verdictOf(statement: TestResultStatement): string {
  const acceptance = acceptanceOf(statement);
  return acceptance === undefined ? statement.predicate.result.toLowerCase() : `failed, ${acceptance}`;
}
