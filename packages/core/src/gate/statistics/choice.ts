import { unitMean } from '../metrics/unit-means.ts';

/** The ways of comparing two models on the same rows. */
export type TestName = 'mcnemar' | 'delong' | 'paired-t' | 'bootstrap';

/** How the rows belong together, as far as it decides which tests suit. */
export interface Layout {
  /** Rows come in clusters that are not independent. */
  readonly clustered: boolean;
  /** Every row was predicted several times. */
  readonly repeated: boolean;
}

/** Rows that are independent and were predicted once. */
export const PLAIN: Layout = { clustered: false, repeated: false };

/** The tests that suit a metric, the best first. */
export function suitableTests(metric: string, { clustered, repeated }: Layout): TestName[] {
  const tests: TestName[] = [];
  // Both count every row as independent and predicted once.
  const isPlain = !clustered && !repeated;
  if (isPlain && (metric === 'accuracy' || metric === 'recall')) tests.push('mcnemar');
  if (isPlain && metric === 'auc') tests.push('delong');
  if (unitMean(metric) !== undefined || metric === 'recall') tests.push('paired-t');
  return [...tests, 'bootstrap'];
}

/** The test that `auto` stands for. */
export function bestTest(metric: string, layout: Layout): TestName {
  return suitableTests(metric, layout)[0] ?? 'bootstrap';
}
