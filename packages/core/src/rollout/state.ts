import * as z from 'zod/mini';
import type { Share, Traffic } from '../serving/target.ts';
import { metricVerdict, type MetricVerdict } from './analysis/metric-verdict.ts';
import { samplesSchema, type Samples } from './analysis/samples.ts';
import { line } from './line.ts';

/*
 * What is known of a rollout: the state of the engine and, as it is, the `rollout` part of the journal. Anybody who may push
 * may have written a journal, so what is read from one is a hint that `resumed` holds against the ledger and the target.
 */

const knownVersion = z.object({ version: line, modelDigest: z.optional(line) });

const failure = z.object({
  /** What was being done. */
  step: line,
  decision: z.enum(['fail', 'error']),
  /** A reason code, as the error that ended the step had it. */
  reason: line,
  message: line,
});

export const PHASES = [
  /** The environment is ours, and what to do is not decided. */
  'claimed',
  'staging',
  /** The candidate is asked while it has no traffic. */
  'probing',
  'switching',
  'reading-back',
  /** The candidate has its share and is watched. */
  'baking',
  /** What the recorded predictions were worth is asked, now that labels are there. */
  'judging-labels',
  'verifying',
  'recording',
  /** The push of the ledger got no answer. */
  'settling',
  /** What the ledger says is live by now may never have been on the target. */
  'staging-stable',
  'switching-back',
  'reading-back-stable',
  'verifying-stable',
  /** Ends: the candidate is live by the ledger. `because` is there where it failed a check and was the way out all the same. */
  'recorded',
  /** Something failed before the traffic moved. */
  'untouched',
  /** What was live before is live again. */
  'restored',
  /** Nothing that answers was reached; a person has to look. */
  'not-restored',
  /** The candidate of a rollback is served, and the ledger refuses to say so. */
  'unrecorded',
  /** The candidate is served, and whether the ledger says so could not be read. */
  'unsettled',
  /** Another run has the environment now. */
  'lost',
  /** Somebody who is no run of ours moved the traffic; it is left to them. */
  'drifted',
  /** Waits for a person or for labels; the traffic is split meanwhile. A later run goes on. */
  'paused',
] as const;

export type Phase = (typeof PHASES)[number];

const ms = z.number();

const rolloutStep = z.union([
  z.object({
    /** The candidate's share of the traffic, in percent. */
    weight: z.number(),
    /** How long it is watched with that share, in ms; 0: not at all. */
    bake: ms,
    /** Copies of this part of the requests go to the candidate, in percent, and nobody gets its answers. */
    mirror: z.optional(z.number()),
    /** Requests with this header go to the candidate. */
    route: z.optional(z.object({ header: line, value: line })),
    /** The header whose value decides to which share a request belongs. */
    key: z.optional(line),
  }),
  /** A later run has to say that it goes on; `labels` waits for the labels of what was predicted. */
  z.object({ pause: line }),
]);

export type RolloutStep = z.infer<typeof rolloutStep>;
export type WeightStep = Extract<RolloutStep, { weight: number }>;

/** The pause that ends when there are labels enough. */
export const LABELS = 'labels';

const rolloutPlan = z.object({
  /** Of the strategy, as the ledger records it. */
  name: line,
  steps: z.array(rolloutStep),
  /** How much longer than its `bake` a step may wait for a verdict, in ms. */
  hold: ms,
  /** The shares of the stable version on the way back, one after the other; the last is 100. */
  restore: z.array(z.object({ weight: z.number(), bake: ms })),
  /** Which version is live in the end where nothing fails: a shadow is only looked at. */
  keeps: z.enum(['candidate', 'stable']),
  /** Whether the target can be asked for a version that has no traffic. */
  probe: z.boolean(),
});

/** How a rollout goes about it. */
export type RolloutPlan = z.infer<typeof rolloutPlan>;

export const rolloutState = z.object({
  kind: z.enum(['deploy', 'rollback']),
  phase: z.enum(PHASES),
  /** What is to be served; null for nothing. */
  candidate: z.nullable(knownVersion),
  /** What is served again when a deployment fails; null for nothing. */
  stable: z.nullable(knownVersion),
  /** Versions that a rollback was asked to leave: they are never served again by it. */
  avoid: z.array(line),
  /** Where a rollback goes when its candidate does not answer, in this order. */
  further: z.array(knownVersion),
  plan: rolloutPlan,
  /** Which of the plan's steps is next, or in effect. */
  step: z.int(),
  /** Which of the plan's steps back. */
  stepBack: z.int(),
  /** How long the step was watched by now, in ms. */
  baked: ms,
  /** What was measured so far. */
  samples: samplesSchema,
  /** What that says, the last time it was judged. */
  verdicts: z.array(metricVerdict),
  /** The target's own name of how we set it up last. */
  generation: z.optional(line),
  /** Whether the traffic may have moved. */
  moved: z.enum(['no', 'yes', 'unknown']),
  /** How often the ledger was pushed to without an answer. */
  pushes: z.int(),
  /** What a command said that failed while the target did as it was told, and why candidates were passed over. */
  notes: z.array(line),
  because: z.optional(failure),
  /** Why going back failed. */
  failure: z.optional(failure),
});

export type RolloutState = z.infer<typeof rolloutState>;
/** A version by name, with its digest where the ledger knows it. */
export type KnownVersion = z.infer<typeof knownVersion>;
/** Why a step did not succeed, as data. */
export type Failure = z.infer<typeof failure>;
export type Kind = RolloutState['kind'];

/** What is to be done next, as data; each can be done again without harm. */
export type Effect =
  /** Writes this state to the journal, which proves that the environment is still ours. `must`: nothing is done without it. */
  | { readonly do: 'save'; readonly must: boolean }
  | { readonly do: 'stage'; readonly version: KnownVersion }
  /** Everything that a version must fulfil and that can be asked without traffic; some requests first, which count for nothing. */
  | { readonly do: 'probe'; readonly version: KnownVersion }
  /** Whether a version is ready for the share that it is about to get. `must`: it gets none otherwise. */
  | { readonly do: 'receive'; readonly version: KnownVersion; readonly must: boolean }
  | { readonly do: 'shift'; readonly traffic: Traffic }
  /** Asks until what serves is as it should be. */
  | { readonly do: 'observe'; readonly shares: readonly Share[] }
  | { readonly do: 'wait'; readonly ms: number }
  /** Watches for so long, and says what was measured. */
  | { readonly do: 'sample'; readonly ms: number }
  /** Joins the labels to what was predicted. */
  | { readonly do: 'join-labels' }
  /** Everything that a version must fulfil before it counts as deployed. */
  | { readonly do: 'verify'; readonly version: KnownVersion }
  /** Whether a version that was put back is ready. */
  | { readonly do: 'ready'; readonly version: KnownVersion }
  | { readonly do: 'retire'; readonly keep: readonly string[] }
  /** Writes the ledger and lets go of the environment, in one push. */
  | { readonly do: 'commit' }
  /** Reads whether the ledger has what was pushed without an answer. */
  | { readonly do: 'settle' };

/** What became of the effects of a phase, or happened meanwhile. */
export type Event =
  | { readonly kind: 'done'; readonly generation?: string | undefined }
  /** What was measured by now, what that says, and how long it was watched. */
  | {
      readonly kind: 'judged';
      readonly samples: Samples;
      readonly verdicts: readonly MetricVerdict[];
      readonly ms: number;
    }
  | {
      readonly kind: 'failed';
      readonly failure: Failure;
      /** Of a shift: whether the target is set as asked and can be asked (`yes`), or is set as before (`no`). */
      readonly moved?: RolloutState['moved'];
      /** Of a verification: whether the version answers at all. */
      readonly answers?: boolean;
      /** Of the ledger's refusal: what it says is live instead, where that is good. */
      readonly instead?: KnownVersion;
      /** Of a shift: the target's name of how it is set up now. */
      readonly generation?: string | undefined;
    }
  /** Neither done nor failed, as far as can be read. */
  | { readonly kind: 'unknown'; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly failure: Failure }
  | { readonly kind: 'lease-lost'; readonly failure: Failure }
  | { readonly kind: 'drifted'; readonly failure: Failure }
  /** A run was told to go on with what was paused. */
  | { readonly kind: 'continued' }
  /** Another run goes on with a rollout that died. */
  | ({ readonly kind: 'resumed' } & Facts);

/** What a run that takes over can rely on. */
export interface Facts {
  /** What the ledger says is live and may be served; null: nothing; undefined: a version that is quarantined. */
  readonly live: KnownVersion | null | undefined;
  /** The candidate of the dead rollout, where the ledger says that it was live here and is good. */
  readonly earlier: KnownVersion | undefined;
  /** The version that the target is set to. */
  readonly set: string | undefined;
  /** The target's name of how it is set up now. */
  readonly generation?: string | undefined;
}

export interface Reduced {
  readonly state: RolloutState;
  /** In this order; what follows one that failed is not done. */
  readonly effects: readonly Effect[];
}
