import { COUNT_METRICS } from '../../metrics/classification.ts';
import type { RuleKind } from '../kind.ts';
import { metricList } from './entry.ts';
import { judgeMetrics } from './judge.ts';
import { isInformational, isNews } from './news.ts';
import { metricParts } from './parts.ts';
import { fixOf, ruleText } from './remedy.ts';
import type { WrittenMetric } from './schema.ts';
import { settleMetric, type MetricRule } from './settle.ts';
import { effectOf, leftOpen, ownNumbers, reasonOf, type MetricResult } from './verdict.ts';
import { describeMetric, labelOf } from './words.ts';

/** A metric and its limits: `{metric: auc, max-regression: 0.01}`. */
export const metricKind = {
  nameOf: ({ metric }) => metric,
  settle: (written, id, { layout }) => settleMetric(written, id, layout),
  judge: (rules, { candidate, baseline, certainty }) => judgeMetrics(rules, candidate, baseline, certainty),
  countsRows: ({ metric }) => COUNT_METRICS.has(metric),
  effectOf: ({ verdict, rule }) => effectOf(verdict, rule),
  leftOpen,
  reasonOf,
  ownNumbers,
  words: { label: labelOf, describe: describeMetric, ruleText, fix: fixOf, isNews, isInformational },
  parts: metricParts,
  list: metricList,
} satisfies RuleKind<'metric', WrittenMetric, MetricRule, MetricResult>;
