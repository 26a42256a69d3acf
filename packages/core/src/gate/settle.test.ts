import { describe, expect, test } from '@jest/globals';
import { PLAIN } from './statistics/choice.ts';
import { recordedRules } from './recorded-rules.ts';
import { settleRules } from './settle.ts';

const surroundings = {
  layout: PLAIN,
  readLines: (file: string, what: string): Promise<readonly string[]> =>
    Promise.resolve(file === 'empty.txt' ? [] : ['a', 'b', 'a', what]),
};

describe('settleRules', () => {
  test('refuses a gate that asks for nothing', async () => {
    await expect(settleRules([], surroundings)).rejects.toMatchObject({ reasonCode: 'no-rules' });
  });

  test('keeps the order, and gives rules of all kinds different names', async () => {
    const settled = await settleRules(
      [
        { cases: ['x'], must: 'stay-correct', name: 'auc' },
        { metric: 'auc', min: 0.7 },
        { fairness: 'demographic-parity', by: 'sex', 'max-difference': 0.1 },
        { metric: 'auc', max: 1, name: 'floor' },
        { metric: 'auc', max: 1 },
      ],
      surroundings,
    );
    expect(settled.map(({ kind, id }) => [kind, id])).toEqual([
      ['cases', 'auc'],
      ['metric', 'auc-2'],
      ['fairness', 'demographic-parity'],
      ['metric', 'floor'],
      ['metric', 'auc-3'],
    ]);
    expect(recordedRules(settled).map((rule) => 'metric' in rule)).toEqual([true, true, true, false, false]);
    expect(JSON.stringify(recordedRules(settled))).not.toContain('"kind"');
  });

  test('reads the file that a rule names, each id once', async () => {
    const rule = { cases: 'golden.txt', must: 'stay-correct' } as const;
    expect(await settleRules([rule], surroundings)).toEqual([
      { kind: 'cases', id: 'cases', cases: ['a', 'b', 'cases of a rule'], severity: 'fail' },
    ]);
    await expect(settleRules([{ ...rule, cases: 'empty.txt' }], surroundings)).rejects.toMatchObject({
      reasonCode: 'bad-config',
      message: expect.stringContaining('The file of cases empty.txt names none'),
    });
  });
});
