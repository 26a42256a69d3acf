import { expect, test } from '@jest/globals';
import { untilCancelled, withGrace } from './deadline.ts';

test('cancelling ends what is under way, and leaves some time for what comes then', async () => {
  const cancellation = new AbortController();
  const deadline = withGrace(cancellation.signal, 200);
  const before = deadline.signal;
  const pause = deadline.pause(3_600_000);
  cancellation.abort();
  const grace = deadline.signal;
  expect([before.aborted, grace.aborted]).toEqual([true, false]);
  await pause;
  await deadline.pause(3_600_000);
  expect(deadline.signal).toBe(grace);
  expect(grace.aborted).toBe(true);
  await deadline.pause(3_600_000);
});

test('a step that is cancelled already has these seconds too', () => {
  expect(withGrace(AbortSignal.abort()).signal.aborted).toBe(false);
});

test('without grace all ends with the step', async () => {
  const cancellation = new AbortController();
  const deadline = untilCancelled(cancellation.signal);
  expect(deadline.signal.aborted).toBe(false);
  const pause = deadline.pause(3_600_000);
  cancellation.abort();
  await pause;
  expect(deadline.signal.aborted).toBe(true);
});
