import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { readBelow, refuseLinks } from '../action/below.ts';
import { errorCode, errorMessage } from '../action/errors.ts';
import { sha256 } from '../digest/files.ts';
import {
  PROVENANCE,
  TEST_RESULT,
  parseStatement,
  type ProvenanceStatement,
  type Statement,
  type Subject,
  type TestResultStatement,
} from './statement.ts';

/** Name of the passport beside a stored model. */
export const PASSPORT = 'passport.jsonl';

/** The JSON Lines bundle of the statements about one model, and the sha256 (hex) of its bytes. */
export interface Passport {
  readonly text: string;
  readonly sha256: string;
}

/** Why a passport does not vouch for a model; `place` names the statement. */
export interface PassportProblem {
  readonly kind: 'missing' | 'failed' | 'mismatch';
  readonly place: string;
  readonly message: string;
}

/**
 * Reads every `*.json` statement of a folder below `root` in name order; an absent folder holds none. Throws on a file that
 * is no statement, and on a link.
 */
export async function readStatements(root: string, directory: string): Promise<Statement[]> {
  await refuseLinks(root, directory);
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  const statements: Statement[] = [];
  for (const name of names.filter((n) => n.endsWith('.json')).sort()) {
    try {
      statements.push(parseStatement(String(await readBelow(root, path.join(directory, name)))));
    } catch (error) {
      throw new Error(`${name}: ${errorMessage(error)}`, { cause: error });
    }
  }
  return statements;
}

/** What a statement is about, seen from one model: the model itself, data that went into it, or something else. */
export type Relation = 'model' | 'inputs' | 'other';

/** Tells what each of these statements is about; inputs are what the model's own provenance names. */
export function relations(
  statements: readonly Statement[],
  modelDigest: string,
): ReadonlyMap<Statement, Relation> {
  const inputs = new Set(
    statements
      .filter((s): s is ProvenanceStatement => s.predicateType === PROVENANCE && hasSubject(s, modelDigest))
      .flatMap((s) => s.predicate.buildDefinition.resolvedDependencies)
      .flatMap((d) => d.digest?.['sha256'] ?? []),
  );
  return new Map(
    statements.map((s) => {
      if (hasSubject(s, modelDigest)) return [s, 'model'];
      const reached = s.subject.some((x) => inputs.has(x.digest['sha256'] ?? ''));
      return [s, reached ? 'inputs' : 'other'];
    }),
  );
}

/** Collects the statements about the model and about the data that went into it; others are left out. */
export function buildPassport(statements: readonly Statement[], modelDigest: string): Passport {
  const about = relations(statements, modelDigest);
  const text = statements
    .filter((s) => about.get(s) !== 'other')
    .map((s) => JSON.stringify(s) + '\n')
    .join('');
  return { text, sha256: sha256(text) };
}

/** Parses a passport's lines; throws with the line number when one is not a statement. */
export function parsePassport(text: string): Statement[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      try {
        return parseStatement(line);
      } catch (error) {
        throw new Error(`passport line ${index + 1}: ${errorMessage(error)}`, {
          cause: error,
        });
      }
    });
}

/** The model that evidence has to be about: its name, whose rules judged it, and the digest of its bytes. */
export interface ModelIdentity {
  readonly name: string;
  readonly digest: string;
}

/**
 * Whether the statements prove that this model passed its gate: a gate statement about exactly this name and digest whose
 * result is not FAILED, and no failed test of the data that went in. Where no provenance says which data that was,
 * every data test counts. Returns the first problem, or undefined.
 */
export function checkEvidence(
  statements: readonly Statement[],
  { name, digest }: ModelIdentity,
): PassportProblem | undefined {
  const gates = statements.filter(isGate);
  if (gates.length === 0) {
    return {
      kind: 'missing',
      place: 'evaluate-gate',
      message:
        'No gate statement was found. Run evaluate-gate in this job before, or pass its evidence folder.',
    };
  }
  const own = gatesAbout(statements, { name, digest });
  if (own.length === 0) {
    const other = gates[0]?.subject[0];
    const judged = `${other?.name ?? 'a model'} sha256:${other?.digest['sha256'] ?? 'unknown'}`;
    return {
      kind: 'mismatch',
      place: 'evaluate-gate',
      message: `The gate judged ${judged}, but this is ${MODEL_SUBJECT}${name} sha256:${digest}. Other bytes or another model's rules say nothing about it; run evaluate-gate on this model.`,
    };
  }
  return (
    failure(own, 'evaluate-gate', 'gate') ??
    failure(dataTests(statements, digest), 'validate-data', 'data validation')
  );
}

/** The gate statements about exactly this name and digest. */
export function gatesAbout(
  statements: readonly Statement[],
  { name, digest }: ModelIdentity,
): TestResultStatement[] {
  return statements
    .filter(isGate)
    .filter((s) => s.subject.some((x) => x.name === MODEL_SUBJECT + name && x.digest['sha256'] === digest));
}

/** The tests of the data that went in; where no provenance says which data that was, every one. */
export function dataTests(statements: readonly Statement[], modelDigest: string): TestResultStatement[] {
  const about = relations(statements, modelDigest);
  const traced = statements.some((s) => s.predicateType === PROVENANCE && about.get(s) === 'model');
  return statements
    .filter((s): s is TestResultStatement => s.predicateType === TEST_RESULT && !isGate(s))
    .filter((s) => !traced || about.get(s) === 'inputs');
}

function failure(
  tests: readonly TestResultStatement[],
  place: string,
  what: string,
): PassportProblem | undefined {
  const failed = tests.find((test) => test.predicate.result === 'FAILED');
  if (failed === undefined) return undefined;
  const names = failed.predicate.failedTests?.join(', ') ?? '';
  return {
    kind: 'failed',
    place,
    message: `The ${what} of this model failed (${names === '' ? 'no test named' : names}).`,
  };
}

/** Gate statements name a model as their first subject; data statements name data files. */
function isGate(statement: Statement): statement is TestResultStatement {
  if (statement.predicateType !== TEST_RESULT) return false;
  return statement.subject.some((s) => s.name.startsWith(MODEL_SUBJECT));
}

/** Prefix of the subject name of a model; what follows is the model's name. */
export const MODEL_SUBJECT = 'model:';

/** Prefix of the subject name of the OpenSSF model-signing root of a model; what follows is the model's name. */
const SIGNING_ROOT_SUBJECT = 'openssf-model-signing:';

/** The subjects of a statement about a model: what identifies it here, and what `model_signing` verifies. */
export function modelSubjects(
  name: string,
  { sha256: digest, signingRoot }: { readonly sha256: string; readonly signingRoot: string },
): Subject[] {
  return [
    { name: MODEL_SUBJECT + name, sha256: digest },
    { name: SIGNING_ROOT_SUBJECT + name, sha256: signingRoot },
  ];
}

/** Whether a statement is about something with this sha256 (hex). */
export function hasSubject(statement: Statement, digest: string): boolean {
  return statement.subject.some((s) => s.digest['sha256'] === digest);
}
