import { expect, test } from '@jest/globals';
import { errorRules } from './limits.ts';

test('a limit of errors is there also where nobody wrote one', () => {
  expect(errorRules({ provider: 'probe' }, {})).toEqual([
    {
      id: 'probe.errors',
      kind: 'proportion',
      unit: 'requests',
      limit: { bound: 'max', value: 0.01 },
      minSamples: 100,
    },
  ]);
});

test('each limit is a rule of its own, called after the analysis', () => {
  const config = { provider: 'http', name: 'checkout', 'min-samples': 500 };
  expect(errorRules(config, { max: 0.02, 'max-increase': '20%' })).toMatchObject([
    { id: 'checkout.errors', minSamples: 500, limit: { bound: 'max', value: 0.02 } },
    { id: 'checkout.errors-increase', limit: { bound: 'max-increase', value: 0.2, relative: true } },
  ]);
});

test('an increase may be one in points, and then the share by itself has no limit', () => {
  expect(errorRules({ provider: 'http' }, { 'max-increase': 0.01 })).toMatchObject([
    { id: 'http.errors-increase', limit: { bound: 'max-increase', value: 0.01, relative: false } },
  ]);
});
