import { AT_ONCE } from '../rollout/plan.ts';
import { UserError } from '../action/errors.ts';
import type { RolloutPlan } from '../rollout/state.ts';
import type { RestoreConfig } from '../rollout/restore-schema.ts';
import { bakeOf } from '../rollout/strategies/watching.ts';
import { strategyOf } from '../rollout/strategies/index.ts';
import type { Strategy } from '../rollout/strategies/kind.ts';
import { strategySchema, type StrategyConfig } from '../rollout/strategies/schema.ts';
import { parseYaml } from '../schema/parse.ts';
import type { Section } from '../schema/section.ts';
import type { Capability, ConfiguredTarget } from '../serving/targets/kind.ts';

/**
 * The strategy of a deployment: that of the input, else that of sluice.yaml. Throws UserError `bad-input` for an input
 * that names none, and `bad-config` for a strategy that asks for more than the target can do.
 */
export function readStrategy(
  input: string | undefined,
  inFile: Section<StrategyConfig>,
  target: Pick<ConfiguredTarget, 'can' | 'wholeWeights'>,
): Strategy {
  const name = "input 'strategy'";
  const section =
    input === undefined
      ? inFile
      : {
          value: parseYaml(input, strategySchema, { name, reason: 'bad-input' }),
          name,
          folder: inFile.folder,
        };
  const strategy = strategyOf(section);
  requireCapable(strategy, target, section.name);
  const weights = strategy.steps.flatMap((step) => ('weight' in step ? [step.weight] : []));
  requireWhole(weights, target, section.name);
  return strategy;
}

/** Throws UserError `bad-config` for a share that the target cannot give, before a step that it is met in after others have baked. */
function requireWhole(
  weights: readonly number[],
  { wholeWeights }: Pick<ConfiguredTarget, 'wholeWeights'>,
  place: string,
): void {
  const fraction = weights.find((weight) => !Number.isInteger(weight));
  if (wholeWeights !== true || fraction === undefined) return;
  throw new UserError(
    'bad-config',
    `${place} has the weight ${fraction}, and the target has whole percents. Write 1 to 100.`,
  );
}

/** How a rollout to the target goes about a strategy. */
export function rolloutPlan({
  strategy: { name, steps, hold, keeps },
  target: { can },
  restore,
}: {
  readonly strategy: Strategy;
  readonly target: Pick<ConfiguredTarget, 'can'>;
  readonly restore: RolloutPlan['restore'];
}): RolloutPlan {
  return { name, steps: [...steps], hold, restore: [...restore], keeps, probe: can.has('probe') };
}

/** The shares on the way back. Throws UserError `bad-config` where they do not grow to 100, or the target cannot split. */
export function readRestore(
  config: RestoreConfig | undefined,
  place: string,
  target: Pick<ConfiguredTarget, 'can' | 'wholeWeights'>,
): RolloutPlan['restore'] {
  if (config === undefined) return AT_ONCE.restore;
  const steps = config.steps.map(({ weight, bake }, index) => ({
    weight,
    bake: bakeOf(bake, `${place}.steps[${index}].bake`),
  }));
  requireWhole(
    steps.map(({ weight }) => weight),
    target,
    `${place}.steps`,
  );
  const grow = steps.every(({ weight }, index) => weight > (steps[index - 1]?.weight ?? 0));
  if (grow && steps.at(-1)?.weight === 100 && (steps.length === 1 || target.can.has('split'))) return steps;
  throw new UserError(
    'bad-config',
    `${place}.steps has the weights ${steps.map(({ weight }) => weight).join(', ')}. They have to grow and end with 100, and the target has to be one that can split the traffic.`,
  );
}

const MEANING: Readonly<Record<Capability, string>> = {
  split: 'split the traffic between versions',
  mirror: 'send copies of the requests to a version',
  'header-route': 'send requests with a header to a version',
  'key-split': 'split the traffic by the value of a header',
  probe: 'be asked for a version that has no traffic yet',
};

/** Throws UserError `bad-config` when a strategy, named in messages by `place`, asks for more than the target can do. */
export function requireCapable(
  { name, needs }: Pick<Strategy, 'name' | 'needs'>,
  { can }: Pick<ConfiguredTarget, 'can'>,
  place: string,
): void {
  const missing = needs.filter((capability) => !can.has(capability));
  if (missing.length === 0) return;
  throw new UserError(
    'bad-config',
    `${place} is '${name}', but the target cannot ${missing.map((one) => MEANING[one]).join(' and cannot ')}. Use the strategy 'direct', or another target.`,
  );
}
