import { runUrl } from '../action/run-url.ts';
import {
  MODEL_SUBJECT,
  dataTests,
  gatesAbout,
  hasSubject,
  type ModelIdentity,
  type PassportProblem,
} from './passport.ts';
import { PROVENANCE, TEST_RESULT, writerIn, type Statement, type Writer } from './statement.ts';

/** The step that runs now, as the writer of what it says. */
export function writerOf(env: Readonly<NodeJS.ProcessEnv>, commit: string | undefined): Writer {
  const run = runUrl(env);
  return { ...(commit === undefined ? {} : { commit }), ...(run === undefined ? {} : { run }) };
}

/**
 * Why one of the statements that decide about a model is not of this run, or undefined. A statement that somebody committed
 * cannot name the commit that it is part of, and one from elsewhere does not name this run; an earlier attempt of it counts.
 * Outside of a workflow run the commit decides alone.
 */
export function checkWriters(
  statements: readonly Statement[],
  model: ModelIdentity,
  here: Writer,
): PassportProblem | undefined {
  const foreign = [
    ...gatesAbout(statements, model),
    ...statements.filter((s) => s.predicateType === PROVENANCE && hasSubject(s, model.digest)),
    ...dataTests(statements, model.digest),
  ].find((statement) => !isOfHere(writerIn(statement), here));
  if (foreign === undefined) return undefined;
  const action = actionOf(foreign);
  return {
    kind: 'mismatch',
    place: action,
    message: `The statement of ${action} was written ${described(writerIn(foreign))}, but this is ${placeOf(here)}. Only what this run wrote at this commit counts: anybody may commit a file, or leave one in an artifact or on a runner. Run ${action} again in this run, in this job or in one before it that hands its .sluice over; if .sluice is committed, take it out: git rm -r --cached .sluice, and ignore it.`,
  };
}

function isOfHere(by: Writer | undefined, here: Writer): boolean {
  if (by?.commit === undefined || by.commit !== here.commit) return false;
  if (here.run === undefined) return true;
  const [theirs, ours] = [attemptOf(by.run ?? ''), attemptOf(here.run)];
  return theirs.run === ours.run && theirs.attempt <= ours.attempt;
}

/** A job that is run again reads what jobs of the attempts before it left. */
function attemptOf(url: string): { readonly run: string; readonly attempt: number } {
  const [, run = url, attempt = '1'] = /^(.*)\/attempts\/(\d+)$/.exec(url) ?? [];
  return { run, attempt: Number(attempt) };
}

function described(by: Writer | undefined): string {
  if (by?.commit === undefined) return 'by nobody knows which run, at no commit that it names';
  return by.run === undefined
    ? `outside of a workflow run, at commit ${by.commit}`
    : `by the run ${by.run}, at commit ${by.commit}`;
}

function placeOf({ commit = 'none', run }: Writer): string {
  return run === undefined ? `commit ${commit}` : `the run ${run}, at commit ${commit}`;
}

function actionOf(statement: Statement): string {
  if (statement.predicateType !== TEST_RESULT) return 'train';
  const gate = statement.subject.some(({ name }) => name.startsWith(MODEL_SUBJECT));
  return gate ? 'evaluate-gate' : 'validate-data';
}
