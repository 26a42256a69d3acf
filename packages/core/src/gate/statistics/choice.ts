import { ROW_MEANS } from '../metrics/row-means.ts';

/** The ways of comparing two models on the same rows. */
export type TestName = 'mcnemar' | 'delong' | 'paired-t' | 'bootstrap';

/** The tests that suit a metric, the best first. */
export function suitableTests(metric: string, clustered: boolean): TestName[] {
  const tests: TestName[] = [];
  // Both count every row as independent, which rows of one cluster are not.
  if (!clustered && (metric === 'accuracy' || metric === 'recall')) tests.push('mcnemar');
  if (!clustered && metric === 'auc') tests.push('delong');
  if (ROW_MEANS.has(metric) || metric === 'recall') tests.push('paired-t');
  return [...tests, 'bootstrap'];
}

/** The test that `auto` stands for. */
export function bestTest(metric: string, clustered: boolean): TestName {
  return suitableTests(metric, clustered)[0] ?? 'bootstrap';
}
