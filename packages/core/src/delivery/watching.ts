import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import { judge } from '../rollout/analysis/judge.ts';
import { labelRules, observeLabels } from '../rollout/analysis/labels/labels.ts';
import type { MetricRule } from '../rollout/analysis/metric-rule.ts';
import { analysisOf } from '../rollout/analysis/providers/index.ts';
import type { Analysis, AnalysisStep } from '../rollout/analysis/providers/kind.ts';
import { merge } from '../rollout/analysis/samples.ts';
import type { Scene } from '../rollout/scene.ts';
import { LABELS, type RolloutState } from '../rollout/state.ts';
import type { Strategy } from '../rollout/strategies/kind.ts';
import { NOT_WATCHED, type Watching } from './not-watched.ts';

/** How probable it is at most that a candidate as good as what is live is sent back, in a whole rollout. */
const ALPHA = 0.05;

/**
 * What a strategy watches, with the files that it names read. Throws UserError `bad-config`, also for two analyses that call a
 * metric the same, and what the providers throw.
 */
export async function readWatching(
  context: Pick<ActionContext, 'env' | 'log' | 'workspace'>,
  { analysis, labels }: Pick<Strategy, 'analysis' | 'labels'>,
): Promise<Watching> {
  const { env, log, workspace } = context;
  const step: AnalysisStep = { env, log, workspace };
  const analyses: Analysis[] = [];
  for (const section of analysis) analyses.push(await analysisOf(section, step));
  const rules = analyses.flatMap((one) => one.rules);
  requireDistinct(rules, analysis[0]?.name ?? '');
  if (labels !== undefined) labelRules(labels);
  return {
    needs: analyses.flatMap((one) => one.needs),
    async watch(arms, ms, state, signal) {
      const window = { since: new Date(), ms, arms };
      const observed = await Promise.all(analyses.map((one) => one.sample(window, signal)));
      return judgement(state, rules, observed.flat());
    },
    async judgeLabels(state, signal) {
      if (labels === undefined) return NOT_WATCHED.judgeLabels(state, signal);
      const versions = { candidate: state.candidate?.version ?? '', stable: state.stable?.version };
      const { observations } = await observeLabels(labels, versions, step, signal);
      // Labels are read anew each time, from the first to the last.
      return judgement({ ...state, samples: {} }, labelRules(labels), observations);
    },
  };
}

function judgement(
  { samples, step, plan }: RolloutState,
  rules: readonly MetricRule[],
  observed: Parameters<typeof merge>[2],
): Awaited<ReturnType<Scene['watch']>> {
  const merged = merge(samples, step, observed);
  const at = plan.steps[step];
  const weight = at !== undefined && 'weight' in at ? at.weight : 0;
  const steps = plan.steps.filter((one) => ('pause' in one ? one.pause === LABELS : one.bake > 0)).length;
  return { samples: merged, verdicts: judge(rules, merged, { step, steps, weight, alpha: ALPHA }) };
}

function requireDistinct(rules: readonly MetricRule[], place: string): void {
  const twice = rules.map(({ id }) => id).find((id, index, ids) => ids.indexOf(id) !== index);
  if (twice === undefined) return;
  throw new UserError(
    'bad-config',
    `Two analyses beside ${place} judge a metric called ${twice}. Give one of them another name, such as name: second.`,
  );
}
