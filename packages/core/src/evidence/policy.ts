import { makingOf } from './making.ts';
import { dataTests, gatesAbout, hasSubject, type ModelIdentity, type PassportProblem } from './passport.ts';
import { today, type Renamed } from './renamed.ts';
import { PROVENANCE, TEST_RESULT, type Statement, type TestResultStatement } from './statement.ts';

/** What a team asks of the evidence beside that the gate did not fail. */
export interface EvidencePolicy {
  /** Whether every data file that went in has to have been tested. */
  readonly requireData: boolean;
  /** Whether a workflow run has to have signed it. */
  readonly requireSignature: boolean;
  /** URLs of the workflows whose statements count, with or without a ref; undefined: any. */
  readonly trustedWorkflows?: readonly string[] | undefined;
  /** Former names of the repository, whose workflows count as today's. */
  readonly renamed?: Renamed | undefined;
  /** Longest age of a test in milliseconds; undefined: any. */
  readonly maxAgeMs?: number | undefined;
}

const DAY = 86_400_000;

/**
 * Checks the statements about a model against a team's policy; that they vouch for the model is checked before. Every
 * statement about it counts: one from a workflow that is not trusted is not made good by another. Returns the first
 * problem, or undefined.
 */
export function checkPolicy(
  statements: readonly Statement[],
  model: ModelIdentity,
  policy: EvidencePolicy,
  now: Date,
): PassportProblem | undefined {
  const tests = [...gatesAbout(statements, model), ...dataTests(statements, model.digest)];
  const making = statements.filter((s) => s.predicateType === PROVENANCE && hasSubject(s, model.digest));
  return (
    (policy.requireData ? untestedData(statements, tests, model) : undefined) ??
    firstOf([...tests, ...making], (s) => untrusted(s, policy)) ??
    firstOf(tests, (s) => tooOld(s, policy.maxAgeMs, now))
  );
}

function untestedData(
  statements: readonly Statement[],
  tests: readonly TestResultStatement[],
  { digest }: ModelIdentity,
): PassportProblem | undefined {
  const data = Object.entries(makingOf(statements, digest)?.data ?? {});
  const tested = new Set(
    tests.flatMap(({ subject }) => subject.map((s) => `sha256:${s.digest['sha256'] ?? ''}`)),
  );
  const untested = data.find(([, sha256]) => !tested.has(sha256));
  if (data.length > 0 && untested === undefined) return undefined;
  const what =
    untested === undefined
      ? 'no provenance of this model names the data that went in. Run train, with data.train set, in the same job'
      : `no test is about '${untested[0]}' (${untested[1]}), which went into this model. Run validate-data on it before`;
  return { kind: 'missing', place: 'validate-data', message: `evidence.require asks for data, but ${what}.` };
}

function untrusted(
  statement: Statement,
  { trustedWorkflows: trusted, renamed }: Pick<EvidencePolicy, 'trustedWorkflows' | 'renamed'>,
): PassportProblem | undefined {
  if (trusted === undefined) return undefined;
  const workflow = statement.predicate.runDetails?.builder.id;
  if (workflow !== undefined && trusted.some((one) => isWorkflow(today(workflow, renamed), one)))
    return undefined;
  return {
    kind: 'mismatch',
    place: actionOf(statement),
    message: `The statement of ${actionOf(statement)} is by ${workflow ?? 'nobody knows which workflow'}, which is not one of evidence.trusted-workflows: ${trusted.join(', ')}. If its repository is this one under an earlier name, add that to evidence.former-repositories.`,
  };
}

/** A workflow without a ref is trusted at any. */
export function isWorkflow(workflow: string, trusted: string): boolean {
  return trusted.includes('@') ? workflow === trusted : workflow.startsWith(`${trusted}@`);
}

function tooOld(
  statement: TestResultStatement,
  maxAgeMs: number | undefined,
  now: Date,
): PassportProblem | undefined {
  if (maxAgeMs === undefined) return undefined;
  const action = actionOf(statement);
  const finished = statement.predicate.runDetails?.metadata?.finishedOn ?? '';
  const age = now.getTime() - Date.parse(finished);
  if (age <= maxAgeMs) return undefined;
  const when = Number.isNaN(age)
    ? 'does not say when it was made'
    : `is of ${finished}, ${(age / DAY).toFixed(1)} days ago`;
  return {
    kind: 'failed',
    place: action,
    message: `The statement of ${action} ${when}, but evidence.max-age allows ${maxAgeMs / DAY} days. Run ${action} again, and register the model it judges.`,
  };
}

function actionOf(statement: Statement): string {
  if (statement.predicateType !== TEST_RESULT) return 'train';
  return statement.subject.some(({ name }) => name.startsWith('model:')) ? 'evaluate-gate' : 'validate-data';
}

function firstOf<T>(
  items: readonly T[],
  check: (item: T) => PassportProblem | undefined,
): PassportProblem | undefined {
  for (const item of items) {
    const problem = check(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
