import * as z from 'zod/mini';
import { VERDICTS } from '../rollout/analysis/metric-verdict.ts';
import { PHASES, type RolloutState } from '../rollout/state.ts';

const share = z.object({ version: z.string(), weight: z.number() });

const seen = z.object({ n: z.int(), value: z.number() });

const verdict = z.looseObject({
  metric: z.string(),
  slice: z.optional(z.string()),
  verdict: z.enum(VERDICTS),
  message: z.string(),
  candidate: z.optional(seen),
  stable: z.optional(seen),
});

const step = z.object({
  name: z.string(),
  started: z.iso.datetime(),
  seconds: z.number(),
  verdict: z.enum(['pass', 'fail']),
  message: z.string(),
  weight: z.optional(z.number()),
  verdicts: z.optional(z.array(verdict)),
});

const check = z.looseObject({
  check: z.enum(['version', 'ready', 'golden', 'malformed-input', 'latency']),
  verdict: z.enum(['pass', 'fail', 'not-checked']),
  message: z.string(),
});

/** What `deploy` and `rollback` both report. */
export const rolloutResult = {
  environment: z.string(),
  version: z.string(),
  'previous-version': z.string(),
  'dry-run': z.boolean(),
  live: z.array(share),
  steps: z.array(step),
  verification: z.array(check),
  /** Where the rollout ended. */
  phase: z.enum(PHASES),
  /** The target's own name of how it was set up last. */
  generation: z.string(),
  /** What was judged of the candidate while it had its share, with how many samples. */
  verdicts: z.array(verdict),
};

/** What the state of a rollout says in its result. */
export function stateResult({
  phase,
  generation,
  verdicts,
}: RolloutState): Pick<RolloutState, 'phase' | 'generation' | 'verdicts'> {
  return { phase, verdicts, ...(generation === undefined ? {} : { generation }) };
}
