import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CasesResult, CasesRule } from './settle.ts';
import { judgeCases } from './judge.ts';
import type { Sample } from '../../sample.ts';
import { changedRows } from '../../changed-rows.ts';
import type { MeasuredBaseline } from '../../measured-models.ts';

const IDS = ['a', 'b', 'c', 'd'];
/** A model of the rows a to d, all labelled 1: `1101` has a, b and d right. */
const model = (right: string): Sample => ({
  rows: right.length,
  label: new Float64Array(right.length).fill(1),
  prediction: Float64Array.from(right, Number),
});
const present = (right: string): MeasuredBaseline => ({
  kind: 'present',
  sample: { kind: 'same', value: model(right) },
  logged: { kind: 'absent' },
});
const NONE: MeasuredBaseline = { kind: 'none' };
const rule = (cases: readonly string[], severity: CasesRule['severity'] = 'fail'): CasesRule => ({
  kind: 'cases',
  id: 'cases',
  cases,
  severity,
});

function judge(given: CasesRule, now: string, baseline: MeasuredBaseline, ids = IDS): CasesResult {
  return judgeCases([given], { sample: model(now), ids }, baseline)[0] as CasesResult;
}

describe('what must stay correct', () => {
  test('is compared case by case', () => {
    expect(judge(rule(IDS), '0110', present('1100'))).toMatchObject({
      verdict: 'fail',
      cases: { found: 'compared', broke: ['a'], fixed: ['c'], stillWrong: ['d'] },
    });
    expect(judge(rule(['b', 'c', 'd']), '0110', present('1100')).verdict).toBe('pass');
  });

  test('must be correct where there is no baseline', () => {
    expect(judge(rule(['b']), '0110', NONE)).toMatchObject({ verdict: 'new-baseline' });
    expect(judge(rule(['a', 'b']), '0110', NONE)).toMatchObject({
      verdict: 'fail',
      cases: { found: 'first', wrong: ['a'] },
    });
  });

  test.each([
    ['fail', 'fail'],
    ['warn', 'warn'],
    ['info', 'pass'],
  ] as const)('severity %s makes a broken case %s', (severity, verdict) => {
    expect(judge(rule(['a'], severity), '0000', present('1000')).verdict).toBe(verdict);
  });

  test.each<[string, CasesResult | undefined, string, RegExp]>([
    ['an unknown id', judge(rule(['a', 'z'], 'info'), '1111', NONE), 'unknown-case', /1 of 2 .* 'z'/],
    ['no case right', judge(rule(['a']), '0000', present('0000')), 'unknown-case', /guards nothing/],
    ['no ids', judgeCases([rule(['a'])], { sample: model('1') }, NONE)[0], 'unknown-case', /no id column/],
    ['no predictions', judgeCases([rule(['a'])], {}, NONE)[0], 'unknown-case', /no predictions/],
    [
      'a baseline without predictions',
      judge(rule(['a']), '1111', {
        kind: 'present',
        sample: { kind: 'absent' },
        logged: { kind: 'absent' },
      }),
      'unknown-case',
      /Set gate\.evaluate/,
    ],
    [
      'another test set',
      judge(rule(['a']), '1111', {
        kind: 'present',
        sample: { kind: 'different', message: 'other rows' },
        logged: { kind: 'absent' },
      }),
      'different-test-set',
      /other rows/,
    ],
    [
      'no column of predictions',
      judgeCases([rule(['a'])], { sample: { rows: 1, label: ['x'] }, ids: ['a'] }, NONE)[0],
      'missing-metric',
      /no prediction column/,
    ],
  ])('%s is an error', (_, result, reason, message) => {
    expect(result).toMatchObject({
      verdict: 'error',
      cases: { found: 'error', reason, message: expect.stringMatching(message) },
    });
  });
});

const twoModels = fc.integer({ min: 1, max: 12 }).chain((rows) => {
  const right = fc.array(fc.constantFrom('0', '1'), { minLength: rows, maxLength: rows });
  return fc.tuple(right, right).map(([a, b]) => [a.join(''), b.join('')] as const);
});

describe('always', () => {
  const all = (right: string): string[] => Array.from(right, (_, i) => `r${i}`);

  test('the same model breaks and fixes nothing', () => {
    fc.assert(
      fc.property(twoModels, ([now]) => {
        fc.pre(now.includes('1'));
        expect(judge(rule(all(now)), now, present(now), all(now))).toMatchObject({
          verdict: 'pass',
          cases: { broke: [], fixed: [] },
        });
        expect(changedRows({ sample: model(now) }, present(now))).toMatchObject({ broke: 0, fixed: 0 });
      }),
    );
  });

  test('to swap the models swaps broke and fixed, and both are counted alike in all rows', () => {
    fc.assert(
      fc.property(twoModels, ([now, before]) => {
        fc.pre(`${now}${before}`.includes('1'));
        const given = rule(all(now));
        const there = judge(given, now, present(before), all(now)).cases;
        const back = judge(given, before, present(now), all(now)).cases;
        if (there.found !== 'compared' || back.found !== 'compared') throw new Error('not compared');
        expect(there.broke).toEqual(back.fixed);
        expect(there.fixed).toEqual(back.broke);
        expect(changedRows({ sample: model(now) }, present(before))).toEqual({
          rows: now.length,
          broke: there.broke.length,
          fixed: there.fixed.length,
        });
      }),
    );
  });

  test('changed rows are named where there are ids', () => {
    expect(changedRows({ sample: model('1001'), ids: ['a', 'b', 'c', 'd'] }, present('0101'))).toMatchObject({
      broke: 1,
      fixed: 1,
      ids: { broke: ['b'], fixed: ['a'] },
    });
  });

  test('changed rows are not known without predictions of both', () => {
    expect(changedRows({}, present('1'))).toBeUndefined();
    expect(changedRows({ sample: model('1') }, NONE)).toBeUndefined();
    expect(changedRows({ sample: { rows: 1, label: ['x'] } }, present('1'))).toBeUndefined();
  });
});
