import { UserError } from '../../../action/errors.ts';
import type { RolloutStep } from '../../state.ts';
import { LABELS } from '../../state.ts';
import type { StrategyKind } from '../kind.ts';
import type { StrategyConfigOf } from '../schema.ts';
import { bakeOf, splitting, watching } from '../watching.ts';

/** Growing shares of the traffic, judged while they bake. */
export const canary: StrategyKind<StrategyConfigOf<'canary'>> = ({
  value: { canary: settings },
  name,
  folder,
}) => {
  const place = `${name}.canary`;
  const { key, labels } = settings;
  const steps = settings.steps.map((step, index): RolloutStep => {
    if ('pause' in step) return step;
    const bake = bakeOf(step.bake, `${place}.steps[${index}].bake`);
    return { weight: step.weight, bake, ...(key === undefined ? {} : { key }) };
  });
  requireGrowing(steps, `${place}.steps`);
  if (steps.some((step) => 'pause' in step && step.pause === LABELS) !== (labels !== undefined))
    throw new UserError(
      'bad-config',
      `${place} needs both a step {pause: labels} and labels, which say where they come from, or neither.`,
    );
  return {
    needs: [...splitting(steps), ...(key === undefined ? [] : (['key-split'] as const))],
    steps,
    keeps: 'candidate',
    ...(labels === undefined ? {} : { labels: { value: labels, name: `${place}.labels`, folder } }),
    ...watching({ value: settings, name: place, folder }, steps),
  };
};

function requireGrowing(steps: readonly RolloutStep[], place: string): void {
  const weights = steps.flatMap((step) => ('weight' in step ? [step.weight] : []));
  const grow = weights.every((weight, index) => weight > (weights[index - 1] ?? 0));
  const [first, last] = [steps[0], steps.at(-1)];
  const begins = first !== undefined && 'weight' in first;
  const ends = last !== undefined && 'weight' in last && last.weight === 100;
  if (grow && begins && ends) return;
  throw new UserError(
    'bad-config',
    `${place} has the weights ${weights.join(', ')}. They have to grow, begin with a weight and end with {weight: 100}.`,
  );
}
