import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judge, type Stage } from './judge.ts';
import type { MetricRule } from './metric-rule.ts';
import { metricVerdict, worstVerdict, type MetricVerdict } from './metric-verdict.ts';
import { merge, observe, type Sums } from './samples.ts';

const STAGE: Stage = { step: 0, steps: 1, weight: 5, alpha: 0.025 };
const hits = (n: number, count: number): Sums => ({ kind: 'proportion', n, hits: count });
const latency = (n: number, ms: number): Sums => ({
  kind: 'log-mean',
  n,
  mean: Math.log(ms),
  m2: (n - 1) * 0.4 ** 2,
});

const ERRORS: MetricRule = {
  id: 'errors',
  kind: 'proportion',
  unit: 'requests',
  limit: { bound: 'max', value: 0.01 },
  minSamples: 500,
};
const MORE_ERRORS: MetricRule = {
  ...ERRORS,
  limit: { bound: 'max-increase', value: 0.01, relative: false },
};
const LATENCY: MetricRule = {
  id: 'latency',
  kind: 'log-mean',
  unit: 'requests',
  measure: 'ms',
  limit: { bound: 'max-increase', value: 0.2, relative: true },
  minSamples: 500,
};
const AGREEMENT: MetricRule = {
  id: 'agreement',
  kind: 'proportion',
  unit: 'predictions',
  limit: { bound: 'min', value: 0.98 },
  minSamples: 500,
};
const SHIFT: MetricRule = {
  id: 'score-shift',
  kind: 'mean',
  unit: 'predictions',
  limit: { bound: 'within', value: 0.05 },
  minSamples: 100,
};

type Seen = Parameters<typeof observe>[0];

function judged(rule: MetricRule, seen: Seen, stage: Partial<Stage> = {}): MetricVerdict[] {
  const samples = merge({}, 0, [{ metric: rule.id, observation: observe(seen) }]);
  const verdicts = judge([rule], samples, { ...STAGE, ...stage });
  for (const one of verdicts) expect(metricVerdict.parse(JSON.parse(JSON.stringify(one)))).toEqual(one);
  return verdicts;
}
const one = (rule: MetricRule, seen: Seen, stage: Partial<Stage> = {}): MetricVerdict =>
  judged(rule, seen, stage)[0] as MetricVerdict;
const said = ({ verdict, message }: MetricVerdict): [string, string] => [verdict, message];

describe('what people read', () => {
  test.each<[string, MetricRule, Seen, string, string]>([
    [
      'too many errors',
      ERRORS,
      { candidate: hits(812, 25) },
      'fail',
      'errors: 3.1 % of 812 requests; more than the allowed 1 % (always-valid 95 % interval 1.6 % to 5.3 %).',
    ],
    [
      'few errors',
      ERRORS,
      { candidate: hits(812, 3) },
      'pass',
      'errors: 0.37 % of 812 requests; at most 1 % is allowed (always-valid 95 % interval 0.031 % to 1.4 %).',
    ],
    [
      'errors that may be chance',
      ERRORS,
      { candidate: hits(812, 9) },
      'inconclusive',
      'errors: 1.1 % of 812 requests; more than the allowed 1 %, which may be chance (always-valid 95 % interval 0.33 % to 2.6 %).',
    ],
    [
      'a value next to its limit',
      ERRORS,
      { candidate: hits(100_000, 1003) },
      'inconclusive',
      'errors: 1.003 % of 100,000 requests; more than the allowed 1 %, which may be chance (always-valid 95 % interval 0.89 % to 1.1 %).',
    ],
    [
      'more errors',
      MORE_ERRORS,
      { candidate: hits(812, 30), stable: hits(15_204, 61) },
      'fail',
      'errors: 3.7 % of 812 requests against 0.4 % of 15,204 of stable; +3.3 pp is more than the allowed +1 pp (always-valid 95 % interval of the change +1.4 pp to +6.1 pp).',
    ],
    [
      'slower',
      LATENCY,
      { candidate: latency(812, 31), stable: latency(15_204, 24) },
      'fail',
      'latency: 31 ms in 812 requests against 24 ms in 15,204 of stable; +29 % is more than the allowed +20 % (always-valid 95 % interval of the change +24 % to +35 %).',
    ],
    [
      'as fast',
      LATENCY,
      { candidate: latency(812, 24.5), stable: latency(15_204, 24) },
      'pass',
      'latency: 25 ms in 812 requests against 24 ms in 15,204 of stable; +2.1 %, and +20 % is allowed (always-valid 95 % interval of the change −2.3 % to +6.7 %).',
    ],
    [
      'other answers',
      AGREEMENT,
      { candidate: hits(1000, 940) },
      'fail',
      'agreement: 94 % of 1,000 predictions; less than the 98 % that is asked for (always-valid 95 % interval 91 % to 96 %).',
    ],
    [
      'shifted down',
      SHIFT,
      { candidate: { kind: 'mean', n: 400, mean: -0.09, m2: 4 } },
      'fail',
      'score-shift: −0.09 in 400 predictions; further from zero than the allowed 0.05 (always-valid 95 % interval −0.11 to −0.073).',
    ],
    [
      'fewer right answers',
      { ...AGREEMENT, id: 'accuracy', limit: { bound: 'max-decrease', value: 0.02, relative: false } },
      { candidate: hits(2000, 1700), stable: hits(2000, 1840) },
      'fail',
      'accuracy: 85 % of 2,000 predictions against 92 % of 2,000 of stable; −7 pp is more than the allowed −2 pp (always-valid 95 % interval of the change −11 pp to −3.4 pp).',
    ],
    [
      'too slow by itself',
      { ...LATENCY, limit: { bound: 'max', value: 25 } },
      { candidate: latency(812, 31) },
      'fail',
      'latency: 31 ms in 812 requests; more than the allowed 25 ms (always-valid 95 % interval 30 ms to 32 ms).',
    ],
    [
      'slower by a part of a mean',
      { ...LATENCY, id: 'tokens', kind: 'mean', unit: 'answers', measure: 'tokens' },
      {
        candidate: { kind: 'mean', n: 600, mean: 210, m2: 600 * 900 },
        stable: { kind: 'mean', n: 600, mean: 200, m2: 600 * 900 },
      },
      'pass',
      'tokens: 210 tokens in 600 answers against 200 tokens in 600 of stable; +5 %, and +20 % is allowed (always-valid 95 % interval of the change +2.3 % to +7.8 %).',
    ],
    [
      'a part of what is below zero',
      { ...LATENCY, id: 'gain', kind: 'mean', unit: 'answers', measure: 'points' },
      {
        candidate: { kind: 'mean', n: 600, mean: 1, m2: 600 },
        stable: { kind: 'mean', n: 600, mean: -1, m2: 600 },
      },
      'error',
      'gain: 1 points in 600 answers against −1 points in 600 of stable; a part of what is not above zero means nothing, so ask for a change in numbers.',
    ],
    [
      'errors beside none',
      { ...ERRORS, limit: { bound: 'max-increase', value: 0.5, relative: true } },
      { candidate: hits(600, 2), stable: hits(600, 0) },
      'inconclusive',
      'errors: 0.33 % of 600 requests against 0 % of 600 of stable; +∞ % is more than the allowed +50 %, which may be chance (always-valid 95 % interval of the change: not known yet).',
    ],
    [
      'few',
      ERRORS,
      { candidate: hits(120, 1) },
      'inconclusive',
      'errors: 120 of the 500 requests that this step needs; so far 0.83 % of 120 requests.',
    ],
    [
      'nothing',
      ERRORS,
      { candidate: hits(0, 0) },
      'inconclusive',
      'errors: no requests in this step yet: The candidate has no samples in this window.',
    ],
    [
      'no number',
      ERRORS,
      { candidate: hits(NaN, 0) },
      'error',
      'errors: The samples make no sense: {"candidate":{"kind":"proportion","n":null,"hits":0}}',
    ],
    [
      'stable without traffic',
      LATENCY,
      { candidate: latency(812, 31) },
      'inconclusive',
      'latency: 31 ms in 812 requests, and none of stable to compare with.',
    ],
    [
      'stable with little traffic',
      LATENCY,
      { candidate: latency(812, 24), stable: latency(249, 24) },
      'inconclusive',
      'latency: 24 ms in 812 requests against 24 ms in 249 of stable; 250 of stable are needed to compare with.',
    ],
    [
      'samples of something else',
      LATENCY,
      { candidate: hits(812, 3) },
      'error',
      'latency: the samples are a proportion, and the rule is about a log-mean.',
    ],
  ])('%s', (_, rule, seen, verdict, message) => {
    expect(said(one(rule, seen))).toEqual([verdict, message]);
  });

  test('a part of the requests is named where it fails, and says nothing else', () => {
    const slices = [
      { name: 'country = NO', candidate: hits(300, 40) },
      { name: 'country = SE', candidate: hits(700, 3) },
    ];
    expect(
      judged(ERRORS, { candidate: hits(1000, 8), slices }).map(({ slice, ...rest }) => [
        slice,
        ...said(rest),
      ]),
    ).toEqual([
      [
        'country = NO',
        'fail',
        'errors where country = NO: 13 % of 300 requests; more than the allowed 1 % (always-valid 99.8 % interval 6.7 % to 23 %).',
      ],
    ]);
    const [, ...good] = slices;
    expect(judged(ERRORS, { candidate: hits(700, 3), slices: good }).map(said)).toEqual([
      [
        'pass',
        'errors: 0.43 % of 700 requests; at most 1 % is allowed (always-valid 97.5 % interval 0.027 % to 1.8 %).',
      ],
    ]);
  });

  test('at all the traffic there is nothing beside the candidate', () => {
    expect(said(one(LATENCY, { candidate: latency(812, 31) }, { weight: 100 }))).toEqual([
      'pass',
      'latency: 31 ms in 812 requests; not compared with stable, which gets no traffic any more.',
    ]);
    expect(one(LATENCY, { candidate: latency(499, 31) }, { weight: 100 }).verdict).toBe('inconclusive');
  });
});

describe('a verdict', () => {
  const harm = observe({ candidate: hits(812, 60) });
  const observed = (observation: ReturnType<typeof observe>) => [{ metric: 'errors', observation }];

  test('is about the samples of its own step: others do not count', () => {
    const samples = merge({}, 0, observed(observe({ candidate: hits(5_000, 5) })));
    expect(judge([ERRORS], samples, { ...STAGE, step: 1 }).map(said)).toEqual([
      ['inconclusive', 'errors: no requests in this step yet.'],
    ]);
    const later = merge(samples, 1, observed(observe({ candidate: hits(60, 8) })));
    expect(judge([ERRORS], later, { ...STAGE, step: 1 })[0]?.verdict).toBe('fail');
  });

  test('is an error when the last window could not be read, unless harm is shown', () => {
    const trouble = observed({ kind: 'error', message: 'http://p:9090 answered 503.' });
    const good = merge(merge({}, 0, observed(observe({ candidate: hits(812, 1) }))), 0, trouble);
    expect(judge([ERRORS], good, STAGE).map(said)).toEqual([
      ['error', 'errors: http://p:9090 answered 503.'],
    ]);
    expect(judge([ERRORS], merge(merge({}, 0, observed(harm)), 0, trouble), STAGE)[0]?.verdict).toBe('fail');
    expect(judge([ERRORS], merge({}, 0, trouble), STAGE)[0]?.verdict).toBe('error');
  });

  test('is there for a rule that nothing was sampled for, whatever it is called', () => {
    const rule = { ...ERRORS, id: 'constructor' };
    expect(judge([rule], {}, STAGE).map(said)).toEqual([
      ['inconclusive', 'constructor: no requests in this step yet.'],
    ]);
  });

  test('of several is the worst, and of none that nothing is known', () => {
    const of = (...verdicts: MetricVerdict['verdict'][]) =>
      worstVerdict(verdicts.map((verdict) => ({ verdict })));
    expect(of('pass', 'inconclusive', 'fail', 'error')).toBe('fail');
    expect(of('pass', 'inconclusive', 'error')).toBe('error');
    expect(of('pass', 'inconclusive')).toBe('inconclusive');
    expect(of('pass')).toBe('pass');
    expect(of()).toBe('inconclusive');
  });
});

const ORDER = ['fail', 'inconclusive', 'pass'];
const counts = fc
  .tuple(fc.integer({ min: 1, max: 4000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]) => ({ n, hits: Math.floor(n * share ** 3) }));

describe('whatever is sampled', () => {
  test('fewer samples than the step needs never pass', () => {
    fc.assert(
      fc.property(counts, ({ n, hits: some }) => {
        const rule = { ...ERRORS, minSamples: n + 1 };
        expect(one(rule, { candidate: hits(n, some) }).verdict).not.toBe('pass');
        const beside = { ...MORE_ERRORS, minSamples: n + 1 };
        expect(one(beside, { candidate: hits(n, some), stable: hits(9_000, 9) }).verdict).not.toBe('pass');
      }),
      { numRuns: 8 },
    );
  });

  test('one more error makes no verdict better', () => {
    fc.assert(
      fc.property(counts, fc.constantFrom(ERRORS, MORE_ERRORS), ({ n, hits: some }, rule) => {
        const stable = hits(2_000, 20);
        const verdicts = [Math.min(some + 1, n), some].map((count) =>
          ORDER.indexOf(one(rule, { candidate: hits(n, count), stable }).verdict),
        );
        expect(verdicts[0]).toBeLessThanOrEqual(verdicts[1] as number);
      }),
      { numRuns: 8 },
    );
  });

  test('it fails exactly when the interval is beyond the limit', () => {
    fc.assert(
      fc.property(counts, fc.constantFrom(ERRORS, MORE_ERRORS, AGREEMENT), ({ n, hits: some }, rule) => {
        const { verdict, interval } = one(rule, { candidate: hits(n, some), stable: hits(2_000, 20) });
        const [low, high] = interval as [number | null, number | null];
        const isBeyond = rule === AGREEMENT ? (high ?? 1) < 0.98 : (low ?? -1) > 0.01;
        expect(verdict === 'fail').toBe(isBeyond);
      }),
      { numRuns: 8 },
    );
  });
});
