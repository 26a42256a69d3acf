import type { ActStep } from '@sluice/testing/act-log.ts';
import type { ActRun } from '@sluice/testing/act.ts';

/** Something that was checked after it was said to have happened. */
export interface Claim {
  readonly text: string;
  readonly holds: boolean;
  /** What was seen instead, when it does not hold. */
  readonly saw: string;
}

/** Whom the chapters tell what happens; the terminal, or a test. */
export interface Teller {
  /** A plain fact, not checked. */
  fact(text: string): void;
  claim(text: string, holds: boolean, saw: unknown): void;
  /** A workflow begins; the returned function is told of its steps. */
  workflow(title: string): (step: ActStep) => void;
  finished(title: string, run: ActRun): void;
}

/** The last run of an action in a workflow, with the document in its `result` output. */
export interface ActionRun {
  readonly step: ActStep;
  readonly result: Readonly<Record<string, unknown>>;
}

/** Returns what an action said in a run, or undefined when it did not get its turn. */
export function actionRun(run: ActRun, action: string): ActionRun | undefined {
  return run.steps
    .filter((step) => step.outputs['result'] !== undefined)
    .map((step) => ({ step, result: JSON.parse(step.outputs['result'] ?? '') as Record<string, unknown> }))
    .findLast(({ result }) => result['action'] === action);
}

/** `decision (reason-code)` of an action, or that it did not run. */
export function verdict(run: ActRun, action: string): string {
  const found = actionRun(run, action);
  if (found === undefined) return 'did not run';
  return `${String(found.result['decision'])} (${String(found.result['reason-code'])})`;
}
