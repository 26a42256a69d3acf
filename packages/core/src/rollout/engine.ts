import { errorMessage } from '../action/errors.ts';
import type { Log } from '../action/log.ts';
import {
  advance,
  start,
  type End,
  type ForwardSteps,
  type Phase,
  type Step,
  type StepResult,
} from './machine.ts';

/** How a step went, as `result.steps` and the summary show it. */
export interface StepRecord {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly seconds: number;
  readonly verdict: 'pass' | 'fail';
  readonly message: string;
}

/** Does one step; returns one sentence about it, throws when it failed. */
export type StepEffect = (signal: AbortSignal) => Promise<string>;

/** What a rollout did, and how it ended. */
export interface RolloutTrace {
  readonly end: End;
  readonly steps: readonly StepRecord[];
}

/** What the log calls a step. */
const TITLES: Readonly<Record<Step, string>> = {
  stage: 'Stage the release',
  switch: 'Switch the traffic',
  'read-back': 'Read back which version answers',
  verify: 'Verify the version in service',
  record: 'Write the ledger',
  'switch-back': 'Switch back to what was live before',
  'read-back-previous': 'Read back the version restored',
  'verify-previous': 'Verify the version restored',
};

/**
 * Runs the steps of a strategy to their end, never throws. A cancellation counts as a failure of the step it meets, except of `record`,
 * whose push cannot be taken back half-way; steps back are not cancelled, because they are what a cancellation asks for.
 */
export async function runRollout(
  forward: ForwardSteps,
  effects: Readonly<Record<Step, StepEffect>>,
  signal: AbortSignal,
  log: Pick<Log, 'group' | 'info'>,
): Promise<RolloutTrace> {
  const steps: StepRecord[] = [];
  const uncancelled = new AbortController().signal;
  let phase: Phase = start(forward);
  while (phase.at !== 'end') {
    const { step, at } = phase;
    const watched = at === 'forward' ? signal : uncancelled;
    const { record, result } = await log.group(TITLES[step], async () => {
      const timed = await timedStep(step, effects[step], watched);
      log.info(timed.record.message);
      return timed;
    });
    steps.push(record);
    phase = advance(phase, result);
  }
  return { end: phase.end, steps };
}

async function timedStep(
  name: string,
  effect: StepEffect,
  signal: AbortSignal,
): Promise<{ record: StepRecord; result: StepResult }> {
  const started = new Date();
  try {
    signal.throwIfAborted();
    const message = await effect(signal);
    return { record: stepRecord(name, started, 'pass', message), result: { ok: true } };
  } catch (error) {
    return { record: stepRecord(name, started, 'fail', errorMessage(error)), result: { ok: false, error } };
  }
}

/** The record of a step that ends now. */
export function stepRecord(
  name: string,
  started: Date,
  verdict: StepRecord['verdict'],
  message: string,
): StepRecord {
  const seconds = (Date.now() - started.getTime()) / 1000;
  return { name, started: started.toISOString(), seconds, verdict, message };
}
