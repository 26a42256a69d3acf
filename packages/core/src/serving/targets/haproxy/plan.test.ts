import { describe, expect, test } from '@jest/globals';
import type { Traffic } from '../../target.ts';
import {
  after,
  commandsFor,
  receiversOf,
  requireObeyed,
  requirePossible,
  requireSet,
  wantedOf,
} from './plan.ts';
import type { Setup } from './setup.ts';

const where = new Map([
  ['v1.0.0', 's1'],
  ['v2.0.0', 's2'],
]);
const split = (stable: number, candidate: number): Traffic['shares'] => [
  { version: 'v1.0.0', weight: stable },
  { version: 'v2.0.0', weight: candidate },
];
const route = { header: 'X-Variant', value: 'b', version: 'v2.0.0' };
const state = (name: string, weight: number) => ({ name, weight, configuredWeight: 0, isUp: true });
const setup = (s1: number, s2: number, routes: [string, string][] = []): Setup => ({
  servers: [state('s1', s1), state('s2', s2)],
  routes: new Map(routes),
});
const commands = (traffic: Traffic, map?: string) =>
  commandsFor('m', ['s1', 's2'], map, wantedOf(traffic, where));

describe('commands', () => {
  test('let in before they let out', () => {
    expect(commands({ shares: [{ version: 'v2.0.0', weight: 100 }] })).toEqual([
      'set weight m/s2 100',
      'set server m/s2 state ready',
      'set weight m/s1 0',
      'set server m/s1 state drain',
    ]);
    expect(commands({ shares: [] }).filter((command) => command.endsWith('drain'))).toHaveLength(2);
  });

  test('send a header to a server that is in, and away from one before it is out', () => {
    expect(commands({ shares: [{ version: 'v1.0.0', weight: 100 }], route }, '/v.map')).toEqual([
      'set weight m/s1 100',
      'set server m/s1 state ready',
      'clear map /v.map',
      'set weight m/s2 0',
      'set server m/s2 state drain',
      'add map /v.map b s2',
    ]);
    expect(commands({ shares: split(90, 10) }, '/v.map')).toContain('clear map /v.map');
  });

  test('lead to what they are read back as', () => {
    const wanted = wantedOf({ shares: split(90, 10), route }, where);
    expect(after(setup(100, 0), ['s1', 's2'], wanted)).toEqual(setup(90, 10, [['b', 's2']]));
    expect(() => requireSet(setup(90, 10), setup(90, 10), 'h')).not.toThrow();
    expect(() => requireSet(setup(90, 0), setup(90, 10), 'h')).toThrow(
      'it has s1=90 s2=0, and was to have s1=90 s2=10',
    );
  });

  test('are obeyed without a word', () => {
    expect(() => requireObeyed('\n\n\n', ['x'], 'h')).not.toThrow();
    const said = "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n";
    expect(() => requireObeyed(`\n${said}`, ['set weight m/s1 5'], 'h')).toThrow(
      /static LB.*'balance roundrobin'/,
    );
    expect(() => requireObeyed('No such server.\n', ['set weight m/s9 5'], 'h')).toThrow(
      "HAProxy at h refused 'set weight m/s9 5': 'No such server.'",
    );
  });
});

test('who gets more has to be ready for it', () => {
  const receivers = (traffic: Traffic, before: Setup) => [
    ...receiversOf(wantedOf(traffic, where), where, before).values(),
  ];
  expect(receivers({ shares: split(90, 10) }, setup(100, 0))).toEqual(['s2']);
  expect(receivers({ shares: split(100, 0) }, setup(90, 10))).toEqual(['s1']);
  expect(receivers({ shares: split(90, 10) }, setup(0, 0))).toEqual(['s1', 's2']);
  expect(receivers({ shares: split(100, 0), route }, setup(100, 0))).toEqual(['s2']);
  expect(receivers({ shares: split(100, 0), route }, setup(100, 0, [['b', 's2']]))).toEqual([]);
});

test.each<[string, Traffic, { header: string } | undefined, string]>([
  ['copies', { shares: [], mirror: { version: 'v1.0.0', percent: 10 } }, undefined, 'does not copy requests'],
  ['keys', { shares: [], key: 'x-user' }, undefined, 'does not split by the value of a header'],
  ['half a percent', { shares: split(99.5, 0.5) }, undefined, 'v1.0.0 is to get 99.5 %'],
  ['a header without a map', { shares: [], route }, undefined, 'set target.route'],
  ['another header', { shares: [], route }, { header: 'x-other' }, 'haproxy.cfg looks up x-other'],
  [
    'a value that is more than one word',
    { shares: [], route: { ...route, value: 'b s1; shutdown sessions' } },
    { header: 'x-variant' },
    'cannot be written',
  ],
])('%s are refused', (_name, traffic, configured, message) => {
  expect(() => requirePossible(traffic, configured)).toThrow(
    expect.objectContaining({
      reasonCode: 'bad-config',
      message: expect.stringContaining(message) as unknown,
    }),
  );
});

test('a header is the same in any case', () => {
  expect(() => requirePossible({ shares: split(100, 0), route }, { header: 'x-variant' })).not.toThrow();
});
