import { expect, test } from '@jest/globals';
import { strategyOf } from '@sluice/core/rollout/strategies/index.ts';
import { httpServer } from '@sluice/core/serving/server.ts';
import { directoryWords } from '@sluice/core/serving/targets/directory/words.ts';
import { serverAt } from '@sluice/testing/serving.ts';
import { LazyTrailers } from '@sluice/core/ledger/message.ts';
import { planOf } from './plan.ts';

const candidate = {
  version: 'v2.0.0',
  tag: 'm@v2.0.0',
  commit: 'c',
  modelDigest: 'ab',
  registeredAt: new Date(0),
  active: true,
  trailers: new LazyTrailers(''),
};
const request = {
  strategy: strategyOf({ value: 'direct', name: 'strategy', folder: '/' }),
  verification: {
    readyCount: 3,
    patience: { timeoutMs: 1, pauseMs: 1 },
    settle: { answers: 3, ms: 1 },
    golden: [],
    modelGolden: ['golden.jsonl'],
    recorded: true,
    latencyP95Ms: 80,
  },
};
const reload = { argv: ['systemctl', 'reload', 'model'], cwd: '/', timeoutMs: 1 };

test('a dry run tells what each step would do', () => {
  const replica = httpServer(serverAt('http://h:2'));
  const server = httpServer(serverAt('http://h:1'));
  const words = directoryWords({ root: '/srv', keep: 5, servers: [], reload });
  expect(planOf(request, { words, server, servers: [replica] }, candidate, { version: 'v1.0.0' })).toEqual([
    'Stage sha256:ab to /srv/releases/v2.0.0.',
    'Switch /srv/current and run systemctl reload model.',
    'Ask http://h:1, http://h:2 for the version.',
    'Ask http://h:1, http://h:2 whether it is ready, 3 times; 0 golden cases and those of the model, 95th percentile within 80 ms.',
    'Write the ledger. When anything fails, go back to v1.0.0.',
  ]);
});

test('without a server it says what is read instead', () => {
  const words = directoryWords({ root: '/srv', keep: 5, servers: [] });
  expect(planOf(request, { words, servers: [] }, candidate, null).slice(1)).toEqual([
    'Switch /srv/current.',
    "Nothing can be asked: no url is set, so only the link 'current' was read, not the server.",
    'Write the ledger. When anything fails, go back to serving nothing.',
  ]);
});

test('the requests that the version was registered with count where nothing else is named', () => {
  const words = directoryWords({ root: '/srv', keep: 5, servers: [] });
  const server = httpServer(serverAt('http://h:1'));
  const plan = (recorded: boolean) =>
    planOf(
      { ...request, verification: { ...request.verification, modelGolden: [], recorded } },
      { words, server, servers: [server] },
      { ...candidate, goldenDigest: 'cd' },
      null,
    ).join(' ');
  expect(plan(true)).toContain('0 golden cases and those that were recorded');
  expect(plan(false)).not.toContain('recorded');
});
