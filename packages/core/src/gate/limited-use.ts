import { rowOf, type AnyResult, type AnyRule } from './kinds/index.ts';
import type { TestSetUse } from './test-set-use.ts';

/** A rule whose verdicts hold for a number of models only. */
export interface UseLimit {
  /** Who asks for the count, at the beginning of a sentence. */
  readonly asking: string;
  /** How many models one test set may judge. */
  readonly steps: number;
}

/** The limits that rules set to how often one test set is used. */
export function useLimits(rules: readonly AnyRule[]): UseLimit[] {
  return rules.flatMap((rule) => {
    const limited = rowOf(rule.kind).limitedUse;
    return limited === undefined ? [] : [{ asking: limited.asking, steps: limited.steps(rule) }];
  });
}

/** Whether a result is such that the test set has to be replaced after it. */
export function usesTestSetUp(results: readonly AnyResult[]): boolean {
  return results.some((result) => rowOf(result.kind).limitedUse?.usesUp(result));
}

/** The results when it is known how often the test set was used. */
export function withUse(results: readonly AnyResult[], use: TestSetUse): AnyResult[] {
  return results.map((result) => rowOf(result.kind).limitedUse?.withUse(result, use) ?? result);
}

/** What rules need of a test set, for the log. */
export function describeNeeds(results: readonly AnyResult[]): string[] {
  return results.flatMap((result) => rowOf(result.kind).limitedUse?.describeNeeds(result) ?? []);
}
