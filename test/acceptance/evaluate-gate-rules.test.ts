import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { plainFolder } from '@sluice/testing/gate-project.ts';

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

describe('cases that must stay correct', () => {
  /** Rows r0 to r3, all labelled `yes`; those named are wrong. */
  const predicted = (...wrong: string[]): string =>
    [
      'id,label,prediction',
      ...['r0', 'r1', 'r2', 'r3'].map((id) => `${id},yes,${wrong.includes(id) ? 'no' : 'yes'}`),
    ].join('\n');
  const RULES = '- {cases: golden.txt, must: stay-correct}';
  const FILES = {
    'golden.txt': 'r0\n\nr1\nr2\n',
    'new.csv': predicted('r1', 'r2'),
    'old.csv': predicted('r0', 'r2'),
  };

  test('a broken case is red, whatever else got better', async () => {
    const step = await gate(FILES, { 'baseline-predictions': 'old.csv', rules: RULES });
    expect(step).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'case-broke', 'failed-rules': '["cases"]' },
    });
    expect(step.result).toMatchObject({
      rules: [],
      cases: [{ verdict: 'fail', n: 3, broke: ['r1'], fixed: ['r0'], 'still-wrong': ['r2'] }],
      'changed-rows': { rows: 4, broke: 1, fixed: 1 },
      summary: { failed: 1 },
    });
    expect(step.summary).toContain('| `cases` | **fail** | 3 | `r1` | `r0` | `r2` |');
    expect(step.summary).toContain('Of 4 rows, 1 are right now');
  });

  test('without a baseline they must be correct', async () => {
    expect(await gate(FILES, { rules: RULES })).toMatchObject({
      code: 1,
      outputs: { 'reason-code': 'case-broke' },
    });
    expect(await gate(FILES, { rules: '- {cases: [r0], must: stay-correct}' })).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'no-baseline' },
      result: { cases: [{ verdict: 'new-baseline' }] },
    });
  });

  test.each<[string, string, string, RegExp]>([
    ['an id that is not there', '- {cases: [r9], must: stay-correct}', 'unknown-case', /'r9'/],
    ['a file that is not there', '- {cases: no.txt, must: stay-correct}', 'missing-file', /no\.txt/],
    ['an empty file', '- {cases: empty.txt, must: stay-correct}', 'bad-config', /names none/],
    [
      'a path out of the workspace',
      '- {cases: ../x, must: stay-correct}',
      'bad-input',
      /leaves the workspace/,
    ],
    ['a misspelt key', '- {cases: [r0], must: stay-correct, severty: warn}', 'bad-input', /'severity'/],
    [
      'two kinds of rule in one',
      '- {metric: accuracy, min: 0, cases: [r0]}',
      'bad-input',
      /'cases' does not go with/,
    ],
  ])('%s', async (_, rules, reason, message) => {
    const step = await gate({ ...FILES, 'empty.txt': '\n' }, { rules });
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': reason } });
    expect(step.annotations[0]?.message).toMatch(message);
  });
});

describe('fairness', () => {
  const rows = Array.from({ length: 40 }, (_, i) => {
    const sex = i < 20 ? 'f' : 'm';
    return `r${i},${i % 2},${i % 20 < (sex === 'f' ? 10 : 4) ? 1 : 0},${sex}`;
  });
  const FILES = { 'new.csv': ['id,label,prediction,sex', ...rows].join('\n') };

  test('groups that are treated too differently are red, with rate and interval of each', async () => {
    const rules = '- {fairness: demographic-parity, by: sex, min-n: 10, max-difference: 0.1, min-ratio: 0.8}';
    const step = await gate(FILES, { rules });
    expect(step).toMatchObject({
      code: 1,
      outputs: { 'reason-code': 'group-difference', 'failed-rules': '["demographic-parity"]' },
    });
    expect(step.result).toMatchObject({
      fairness: [
        {
          verdict: 'fail',
          difference: expect.closeTo(0.3, 12),
          ratio: expect.closeTo(0.4, 12),
          groups: [
            { group: { sex: 'f' }, n: 20, rates: [{ kind: 'selection', value: 0.5, n: 20 }] },
            { group: { sex: 'm' }, n: 20, rates: [{ value: 0.2 }] },
          ],
        },
      ],
      summary: { failed: 1 },
    });
    expect(step.summary).toContain('| m | 20 | 0.2000 (0.08');
  });

  test.each([
    ['no limit', '- {fairness: equalised-odds, by: sex}', 'bad-config', /sets no limit/],
    ['no such column', '- {fairness: equalised-odds, by: age, min-ratio: 0.8}', 'empty-slice', /'age'/],
    ['a misspelt key', '- {fairness: equalised-odds, by: sex, min-raito: 0.8}', 'bad-input', /'min-ratio'/],
  ])('%s', async (_, rules, reason, message) => {
    const step = await gate(FILES, { rules });
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': reason } });
    expect(step.annotations[0]?.message).toMatch(message);
  });
});
