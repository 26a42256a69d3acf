import { describe, expect, test } from '@jest/globals';
import { generationOf, getsRequests, parseMap, parseServers, percentOf, wasReset } from './setup.ts';

/* Answers as HAProxy 2.6.12 and 2.8.25 give them. */

const HEAD =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port';
const row = (
  name: string,
  { addr = '127.0.0.1', op = 2, admin = 0, now = 100, first = 100, port = 80, tls = 0 },
) => `4 m 1 ${name} ${addr} ${op} ${admin} ${now} ${first} 1 6 3 4 6 0 0 0 - ${port} - ${tls} 0 - - 0`;
const answer = (...rows: string[]) => `1\n${HEAD}\n${rows.join('\n')}\n\n`;
const read = (...rows: string[]) => parseServers(answer(...rows), 'm', '/run/h.sock');

describe('servers', () => {
  test('have an address, a weight and one to begin with', () => {
    expect(read(row('s1', { now: 90 }), row('s2', { addr: '::1', port: 8002, now: 10, first: 0 }))).toEqual([
      {
        name: 's1',
        address: { host: '127.0.0.1', port: 80, tls: false },
        weight: 90,
        configuredWeight: 100,
        isUp: true,
      },
      {
        name: 's2',
        address: { host: '[::1]', port: 8002, tls: false },
        weight: 10,
        configuredWeight: 0,
        isUp: true,
      },
    ]);
  });

  test.each([
    ['drained', { admin: 0x08 }, 0],
    ['in maintenance', { admin: 0x01 }, 0],
    ['disabled in haproxy.cfg', { admin: 0x04 }, 0],
    ['without a name in DNS', { admin: 0x20 }, 100],
    ['with weight 0', { now: 0 }, 0],
  ])('%s has the weight that counts', (_name, state, weight) => {
    expect(read(row('s1', state))).toMatchObject([{ weight }]);
  });

  test.each([
    [0, false],
    [1, true],
    [2, true],
    [3, false],
  ])('in the state %d is up: %s', (op, isUp) => {
    expect(read(row('s1', { op }))).toMatchObject([{ isUp }]);
  });

  test('that are reached by a socket have no address', () => {
    expect(read(row('s1', { addr: '-', port: 0 }))[0]).not.toHaveProperty('address');
  });

  test.each([
    ["Can't find backend.\n\n", 'bad-config', "has no backend 'm'"],
    ['No such backend.\n\n', 'bad-config', "has no backend 'm'"],
    ['HTTP/1.1 400 Bad Request\r\n', 'service-unavailable', "'HTTP/1.1 400 Bad Request'"],
    ['', 'service-unavailable', 'no runtime API'],
    [`1\n${HEAD}\n4 m 1 s1\n`, 'service-unavailable', "'4 m 1 s1'"],
    [answer(row('s1', { addr: '1' })).replace(' 100 100 ', ' 1e3 100 '), 'service-unavailable', '1e3'],
    ['\u001b[2J::error::gotcha\n', 'service-unavailable', "'?[2J::error::gotcha'"],
  ])('%j is no answer', (text, reasonCode, message) => {
    expect(() => parseServers(text, 'm', '/run/h.sock')).toThrow(
      expect.objectContaining({ reasonCode, message: expect.stringContaining(message) as unknown }),
    );
  });
});

test('a map has keys and values, and nothing when it is empty', () => {
  expect(parseMap('\n', 'v.map', 'h')).toEqual(new Map());
  expect(parseMap('0x5627081c3db0 b s2\n0x7fefa004d670 c=1 s1\n\n', 'v.map', 'h')).toEqual(
    new Map([
      ['b', 's2'],
      ['c=1', 's1'],
    ]),
  );
  expect(() => parseMap('Unknown map identifier. Please use #<id> or <file>.\n', 'v.map', 'h')).toThrow(
    expect.objectContaining({ reasonCode: 'bad-config' }),
  );
});

describe('a set-up', () => {
  const servers = read(row('s1', { now: 90 }), row('s2', { now: 10, first: 0 }));
  const still = read(row('s1', {}), row('s2', { now: 0, first: 0, admin: 0x08 }));

  test('has a name that a person can read', () => {
    const routes = new Map([['b', 's2']]);
    expect(generationOf({ servers, routes })).toBe('s1@127.0.0.1:80=90 s2@127.0.0.1:80=10 b->s2');
  });

  test('has the same name when what changes is no traffic', () => {
    const undrained = read(row('s1', { op: 0 }), row('s2', { now: 0, first: 0 }));
    expect(generationOf({ servers: undrained, routes: new Map() })).toBe(
      generationOf({ servers: still, routes: new Map() }),
    );
  });

  test('has shares in percent', () => {
    expect(percentOf({ servers }, 's2')).toBe(10);
    expect(percentOf({ servers: read(row('s1', { now: 0 })) }, 's1')).toBe(0);
    expect(percentOf({ servers }, 's3')).toBe(0);
  });

  test('gives requests by weight and by header', () => {
    expect(getsRequests({ servers: still, routes: new Map() }, 's2')).toBe(false);
    expect(getsRequests({ servers: still, routes: new Map([['b', 's2']]) }, 's2')).toBe(true);
  });

  test('is what haproxy.cfg has, or not', () => {
    expect(wasReset({ servers: still, routes: new Map() })).toBe(true);
    expect(wasReset({ servers, routes: new Map() })).toBe(false);
    expect(wasReset({ servers: still, routes: new Map([['b', 's2']]) })).toBe(false);
  });
});
