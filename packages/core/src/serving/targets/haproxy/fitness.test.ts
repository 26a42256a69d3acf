import { expect, test } from '@jest/globals';
import { requireFit, traitsOf } from './fitness.ts';

const slots = { stable: 's1', canary: 's2' };
const server = (name: string, configuredWeight: number, weight = configuredWeight) => ({
  name,
  weight,
  configuredWeight,
  isUp: true,
});
const fit = [server('s1', 100), server('s2', 0)];

test('a backend says how it spreads requests and whether it keeps clients', () => {
  const answer = (cookie: string) =>
    `# pxname,svname,scur,cookie,mode,algo,\nck,BACKEND,0,${cookie},http,roundrobin,\n\n`;
  expect(traitsOf(answer('SRV'))).toEqual({ balance: 'roundrobin', cookie: 'SRV' });
  expect(traitsOf(answer(''))).toEqual({ balance: 'roundrobin' });
  expect(traitsOf('\n')).toEqual({});
});

test('what the documentation has is fit, whatever the weights are now', () => {
  expect(() => requireFit(slots, 'm', fit, { balance: 'roundrobin' })).not.toThrow();
  expect(() => requireFit(slots, 'm', [server('s1', 100, 0), server('s2', 0, 100)], {})).not.toThrow();
  expect(() => requireFit(slots, 'm', [...fit, server('old', 100, 0)], { balance: 'random' })).not.toThrow();
});

test.each([
  [
    'a canary that a reload gives traffic',
    [server('s1', 100), server('s2', 100, 0)],
    {},
    "Write 'weight 0' on its line",
  ],
  ['nobody with traffic', [server('s1', 0, 100), server('s2', 0)], {}, "Write 'weight 100' on its line"],
  ['a third server', [...fit, server('old', 1)], {}, 'Server old has traffic'],
  ['no weights', fit, { balance: 'leastconn' }, "Write 'balance roundrobin'"],
  ['sticky clients', fit, { cookie: 'SRV' }, "Take the line 'cookie SRV …' out"],
])('%s is refused with the line to write', (_name, servers, traits, message) => {
  expect(() => requireFit(slots, 'm', servers, traits)).toThrow(
    expect.objectContaining({
      reasonCode: 'bad-config',
      message: expect.stringContaining(message) as unknown,
    }),
  );
});
