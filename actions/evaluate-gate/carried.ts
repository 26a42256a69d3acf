import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { errorMessage } from '@sluice/core/action/errors.ts';
import { CARRY } from '@sluice/core/evidence/carry.ts';
import { MODEL_SUBJECT, hasSubject, readStatements } from '@sluice/core/evidence/passport.ts';
import { EVIDENCE_FOLDER, PROVENANCE, type Statement } from '@sluice/core/evidence/statement.ts';
import type { Candidate } from '@sluice/core/measuring/candidate.ts';
import type { GateSettings } from './inputs.ts';

/** What of train's evidence did not come into this job, said in one warning; undefined where nothing lacks, or train is not used. */
export async function carriedEvidence(
  { directory, log }: ActionContext,
  { model, fromFork, written }: Pick<GateSettings, 'model' | 'fromFork' | 'written'>,
  candidate: Pick<Candidate, 'model'>,
): Promise<string | undefined> {
  if (fromFork || candidate.model === undefined || written.config.train?.run === undefined) return undefined;
  const lack = await lackIn(directory, model, candidate.model.sha256);
  if (lack !== undefined) log.warning(lack, { title: 'evaluate-gate: the evidence of train is missing' });
  return lack;
}

async function lackIn(directory: string, model: string, digest: string): Promise<string | undefined> {
  try {
    return lackOf(await readStatements(directory, path.join(directory, EVIDENCE_FOLDER)), model, digest);
  } catch (error) {
    return `The evidence in .sluice/evidence cannot be read: ${errorMessage(error)}`;
  }
}

/** The same, of statements that were read. */
export function lackOf(statements: readonly Statement[], model: string, digest: string): string | undefined {
  const made = statements.filter(({ predicateType }) => predicateType === PROVENANCE);
  if (made.length === 0) {
    return `train left no evidence in this job (.sluice/evidence), so nothing vouches for how ${model} was made. ${CARRY}`;
  }
  if (made.some((statement) => hasSubject(statement, digest))) return undefined;
  const others = made
    .flatMap(({ subject }) => subject.map(({ name }) => name))
    .filter((name) => name.startsWith(MODEL_SUBJECT));
  const name = others[0]?.slice(MODEL_SUBJECT.length) ?? 'another model';
  return name === model
    ? `The evidence of train in this job is about other bytes than those of ${model} that are judged. Judge what train made, or train again.`
    : `The evidence of train in this job is about ${name} and not about ${model}. Several models need places of their own: a working-directory for each in one job, and in a matrix an artifact for each (name: model-\${{ matrix.model }}).`;
}
