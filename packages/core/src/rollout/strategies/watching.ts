import { UserError } from '../../action/errors.ts';
import { parseDuration } from '../../schema/duration.ts';
import type { Section } from '../../schema/section.ts';
import type { Capability } from '../../serving/targets/kind.ts';
import type { RolloutStep } from '../state.ts';
import type { Strategy } from './kind.ts';
import type { WatchingConfig } from './watching-schema.ts';

const DEFAULT_DEADLINE = '1h';

/** A `bake` in ms; 0 where there is none. */
export function bakeOf(bake: string | undefined, place: string): number {
  return bake === undefined ? 0 : parseDuration(bake, place);
}

/**
 * How the steps are watched. Throws UserError `bad-config` for a bake that nobody judges and an analysis that no step waits
 * for: neither would say anything about the candidate.
 */
export function watching(
  { value: { analysis = [], deadline = DEFAULT_DEADLINE }, name: place, folder }: Section<WatchingConfig>,
  steps: readonly RolloutStep[],
): Pick<Strategy, 'analysis' | 'hold'> {
  const bakes = steps.some((step) => 'bake' in step && step.bake > 0);
  if (bakes && analysis.length === 0)
    throw new UserError(
      'bad-config',
      `${place} lets the candidate bake, and has no analysis that would judge it. Add one, such as analysis: [{provider: probe, requests: tests/golden.jsonl, errors: {max: 0.01}}], or a pause that a person ends.`,
    );
  if (!bakes && analysis.length > 0)
    throw new UserError(
      'bad-config',
      `${place} has an analysis, and no step has a bake in which it could be made. Add one, such as bake: 10m.`,
    );
  return {
    analysis: analysis.map((value, index) => ({ value, name: `${place}.analysis[${index}]`, folder })),
    hold: parseDuration(deadline, `${place}.deadline`),
  };
}

/** What a target has to be able to do for these weights. */
export function splitting(steps: readonly RolloutStep[]): Capability[] {
  return steps.some((step) => 'weight' in step && step.weight > 0 && step.weight < 100) ? ['split'] : [];
}
