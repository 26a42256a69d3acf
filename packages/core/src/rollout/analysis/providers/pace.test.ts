import { expect, test } from '@jest/globals';
import { countWithin, sendPaced } from './pace.ts';

const never = new AbortController().signal;

test('a window of any length gets one request at least', () => {
  expect(countWithin({ rate: 5, concurrency: 1 }, 60_000)).toBe(300);
  expect(countWithin({ rate: 5, concurrency: 1 }, 1)).toBe(1);
});

test('no more are under way than are allowed, and no more are sent than were asked for', async () => {
  let underWay = 0;
  let most = 0;
  let sent = 0;
  await sendPaced({ rate: 1_000, concurrency: 3 }, { count: 30, ms: 60_000 }, never, async () => {
    sent++;
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 2));
    underWay--;
  });
  expect(underWay).toBe(0);
  expect(most).toBeLessThanOrEqual(3);
  expect(sent).toBe(30);
});

test('what could not begin in time is not sent: a server that hangs gets one request for each place', async () => {
  let sent = 0;
  await sendPaced({ rate: 1_000, concurrency: 2 }, { count: 20, ms: 20 }, never, async () => {
    sent++;
    await new Promise((resolve) => setTimeout(resolve, 60));
  });
  expect(sent).toBeLessThanOrEqual(2);
});

test('requests are not sent before their time', async () => {
  const began = performance.now();
  await sendPaced({ rate: 100, concurrency: 1 }, { count: 4, ms: 60_000 }, never, () => Promise.resolve());
  expect(performance.now() - began).toBeGreaterThanOrEqual(29);
});

test('it ends when it is aborted', async () => {
  const aborting = new AbortController();
  const sending = sendPaced({ rate: 0.001, concurrency: 2 }, { count: 5, ms: 60_000 }, aborting.signal, () =>
    Promise.resolve(),
  );
  aborting.abort(new Error('enough'));
  await expect(sending).rejects.toThrow('enough');
});
