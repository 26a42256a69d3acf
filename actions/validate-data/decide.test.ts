import { describe, expect, it } from '@jest/globals';
import type { DriftResult } from '@sluice/core/data/drift.ts';
import type { RuleResult } from '@sluice/core/data/rule-result.ts';
import fc from 'fast-check';
import { decide } from './decide.ts';

const rule = (verdict: RuleResult['verdict'], kind = 'type'): RuleResult => ({
  id: `x.${kind}`,
  dataSet: 'train',
  kind,
  verdict,
  severity: 'fail',
  places: [],
  message: 'Why.',
});
const drift = (verdict: DriftResult['verdict']): DriftResult => ({
  dataSet: 'train',
  column: 'x',
  method: 'psi',
  verdict,
  nReference: 1,
  nCurrent: 1,
  message: '',
});
const size = { rows: 10, files: 1 };

describe('the decision', () => {
  it.each([
    [['pass', 'info'], 'pass', 'ok'],
    [['pass', 'warn'], 'warn', 'contract-violated'],
    [['pass', 'error', 'warn'], 'error', 'unknown-rule'],
    [['pass', 'error', 'fail'], 'fail', 'contract-violated'],
  ] as const)('of %j is %s', (verdicts, decision, reasonCode) => {
    expect(
      decide(
        verdicts.map((v) => rule(v)),
        [],
        size,
      ),
    ).toMatchObject({ decision, reasonCode });
  });

  it('tells broken records alone from a broken contract', () => {
    expect(decide([rule('fail', 'records')], [], size).reasonCode).toBe('unreadable-data');
    expect(decide([rule('fail', 'records'), rule('fail')], [], size).reasonCode).toBe('contract-violated');
  });

  it('warns of drift only when everything else holds', () => {
    expect(decide([rule('pass')], [drift('warn')], size)).toMatchObject({
      decision: 'warn',
      reasonCode: 'drift',
    });
    expect(decide([rule('warn')], [drift('warn')], size).reasonCode).toBe('contract-violated');
    expect(decide([rule('pass')], [drift('info')], size).decision).toBe('pass');
  });

  it('is a pass only when every rule passes or is prose, and nothing drifted', () => {
    const verdicts = fc.array(fc.constantFrom('pass', 'warn', 'fail', 'error', 'info'), { maxLength: 8 });
    fc.assert(
      fc.property(verdicts, fc.boolean(), (all, drifted) => {
        const { decision } = decide(
          all.map((v) => rule(v)),
          drifted ? [drift('warn')] : [],
          size,
        );
        const clean = !drifted && all.every((verdict) => verdict === 'pass' || verdict === 'info');
        expect(decision === 'pass').toBe(clean);
      }),
    );
  });

  it('names at most five rules', () => {
    const { message } = decide(
      Array.from({ length: 8 }, () => rule('fail')),
      [],
      size,
    );
    expect(message).toBe(
      '8 of 8 rules failed on 10 rows: train: x.type, train: x.type, train: x.type, train: x.type, train: x.type and 3 more.',
    );
  });
});
