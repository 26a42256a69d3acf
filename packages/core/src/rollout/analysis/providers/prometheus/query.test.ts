import { expect, test } from '@jest/globals';
import { fill, isByInstance, readQuery } from './query.ts';

const read = (template: string): unknown => readQuery(template, 'analysis.0.query.errors');

test.each([
  ['m_total{version="{version}",code=~"5.."}', 'counters'],
  ['m_total{instance="{instance}"}', 'counters'],
  ['sum(increase(m_total{version="{version}"}[{window}])) or vector(0)', 'expression'],
])('%s', (template, kind) => {
  expect(read(template)).toEqual({ kind, template });
});

test.each([
  ['sum(increase(m_total[{window}]))', 'which counts every version alike: neither'],
  ['m_total{code="500"}', 'which counts every version alike: neither'],
  ['sum(m_total{version="{version}"})', 'an expression that does not say of which window'],
  ['increase(m_total{version="{version}"}[5m])', 'an expression that does not say of which window'],
])('%s is refused', (template, problem) => {
  expect(() => read(template)).toThrow(`analysis.0.query.errors is '${template}', ${problem}`);
});

test('a query is filled in for a version', () => {
  const arm = { version: 'v2.0.0', weight: 5 };
  expect(fill('m{version="{version}"}[{window}]', arm, 60)).toBe('m{version="v2.0.0"}[60s]');
});

test.each([
  ['http://10.0.0.7:8080', '10.0.0.7:8080'],
  ['http://model', 'model:80'],
  ['https://model/v2', 'model:443'],
])('the instance of %s is %s', (url, instance) => {
  const server = { url, notReady: never, version: never, predict: never };
  const template = 'm{instance="{instance}"}';
  expect(isByInstance({ kind: 'counters', template })).toBe(true);
  expect(fill(template, { version: 'v2.0.0', weight: 5, server }, 60)).toBe(`m{instance="${instance}"}`);
});

function never(): never {
  throw new Error('nothing is asked here');
}
