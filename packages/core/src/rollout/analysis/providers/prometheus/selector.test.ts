import { expect, test } from '@jest/globals';
import { isSelector, mentionedIn } from './selector.ts';

test.each([
  'up',
  'a:b_total{}',
  ' requests_total { version = "v1.0.0", code=~\'5..\' , path!~`/a{2}\\` } ',
  'm{a="x\\"}{",b="y",}',
])('%s is a selector', (query) => {
  expect(isSelector(query)).toBe(true);
});

test.each([
  'sum(requests_total)',
  'requests_total or vector(0)',
  'requests_total[5m]',
  'requests_total offset 5m',
  '{job="api"}',
  'requests_total{version}',
  'requests_total{version="v1}',
  '',
  '1',
])('%s is more than a selector', (query) => {
  expect(isSelector(query)).toBe(false);
});

test('a long text that is none takes no longer than its length', () => {
  expect(isSelector(`m{${'a="b",'.repeat(2000)}`)).toBe(false);
  expect(isSelector(`m{${'a='.repeat(5000)}`)).toBe(false);
  expect(isSelector(`m{${'a="b"'.repeat(2000)}x`)).toBe(false);
});

test('metrics and labels of an expression are found, and no functions, keywords and words in strings', () => {
  const expression =
    'sum by (version) (increase(m_total{version="v1", path="x_total{"}[60s])) / on (pod) group_left a:b[5m:30s] or vector(0)';
  expect(mentionedIn(expression)).toEqual({
    metrics: ['m_total', 'a:b'],
    labels: [
      { name: 'version', value: 'v1' },
      { name: 'path', value: 'x_total{' },
    ],
  });
});
