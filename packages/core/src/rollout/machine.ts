/*
 * The order of a rollout as a pure state machine: which step comes next, given how the last one ended. Whatever fails,
 * it ends in one of four states, and in none of them is an unverified candidate left in place silently.
 */

/** A step towards the candidate. `switch` is the first that moves traffic, `record` the ledger's push. */
export type ForwardStep = 'stage' | 'switch' | 'read-back' | 'verify' | 'record';

/** What a strategy does, in this order; `record` is the last that can fail. */
export type ForwardSteps = readonly [ForwardStep, ...ForwardStep[], 'record'];

/** Steps back to what was live before. */
export const BACKWARD = ['switch-back', 'read-back-previous', 'verify-previous'] as const;
export type BackwardStep = (typeof BACKWARD)[number];

export type Step = ForwardStep | BackwardStep;

/** A step that did not succeed, and what it threw. */
export interface Failure {
  readonly step: Step;
  readonly error: unknown;
}

export type End =
  /** The candidate answers, is verified, and the ledger says so. */
  | { readonly kind: 'deployed' }
  /** Something failed before the traffic moved. */
  | { readonly kind: 'untouched'; readonly because: Failure }
  /** What was live before is live again. */
  | { readonly kind: 'restored'; readonly because: Failure }
  /** Going back failed too; a person has to look. */
  | { readonly kind: 'not-restored'; readonly because: Failure; readonly failure: Failure };

export type Phase =
  | {
      readonly at: 'forward';
      readonly step: ForwardStep;
      readonly later: readonly ForwardStep[];
      /** Whether this step or one before it moves traffic. */
      readonly moves: boolean;
    }
  | { readonly at: 'backward'; readonly step: BackwardStep; readonly because: Failure }
  | { readonly at: 'end'; readonly end: End };

export type StepResult = { readonly ok: true } | { readonly ok: false; readonly error: unknown };

/** The phase a rollout begins with. */
export function start([first, ...later]: ForwardSteps): Phase {
  return forward(first, later, false);
}

function forward(step: ForwardStep, later: readonly ForwardStep[], moved: boolean): Phase {
  return { at: 'forward', step, later, moves: moved || step === 'switch' };
}

/** The phase after `phase`'s step ended with `result`. An end stays what it is. */
export function advance(phase: Phase, result: StepResult): Phase {
  switch (phase.at) {
    case 'end':
      return phase;
    case 'forward': {
      if (result.ok) {
        const [next, ...later] = phase.later;
        return next === undefined
          ? { at: 'end', end: { kind: 'deployed' } }
          : forward(next, later, phase.moves);
      }
      const because: Failure = { step: phase.step, error: result.error };
      return phase.moves
        ? { at: 'backward', step: BACKWARD[0], because }
        : { at: 'end', end: { kind: 'untouched', because } };
    }
    case 'backward': {
      const { because } = phase;
      if (!result.ok) {
        const failure: Failure = { step: phase.step, error: result.error };
        return { at: 'end', end: { kind: 'not-restored', because, failure } };
      }
      const next = BACKWARD[BACKWARD.indexOf(phase.step) + 1];
      return next === undefined
        ? { at: 'end', end: { kind: 'restored', because } }
        : { at: 'backward', step: next, because };
    }
  }
}
