import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { runStep, type StepResult } from '../support/action.ts';
import { plainFolder } from '../support/gate-project.ts';

// Each test runs the built action.
jest.setTimeout(60_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Judges files of predictions in a folder that is no repository. */
async function gate(files: Record<string, string>, inputs: Record<string, string>): Promise<StepResult> {
  const { folder, remove } = await plainFolder(files);
  cleanups.push(remove);
  return runStep('evaluate-gate', {
    workspace: folder,
    inputs: { model: 'm', predictions: 'new.csv', ...inputs },
  });
}

describe('calibration', () => {
  const scored = (score: number): string =>
    ['id,label,score', ...Array.from({ length: 40 }, (_, i) => `r${i},${i % 2},${score}`)].join('\n');

  test('a model that is sure without reason breaks the limit of ece', async () => {
    const step = await gate(
      { 'new.csv': scored(0.9), 'old.csv': scored(0.55) },
      { 'baseline-predictions': 'old.csv', rules: '- {metric: ece, max: 0.1, max-regression: 0.02}' },
    );
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'below-limit' } });
    expect(step.result['rules']).toMatchObject([
      { verdict: 'fail', direction: 'lower', test: 'bootstrap', n: 40 },
    ]);
    expect(step.summary).toContain('it is 0.4000, and at most 0.1000 is asked for');
  });
});
