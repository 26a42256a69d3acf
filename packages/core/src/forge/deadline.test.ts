import { expect, test } from '@jest/globals';
import { untilCancelled, withGrace } from './deadline.ts';

test('cancelling ends what is under way, and leaves a few seconds for what comes then', async () => {
  const cancellation = new AbortController();
  const deadline = withGrace(cancellation.signal);
  const before = deadline.signal;
  const started = performance.now();
  const pause = deadline.pause(60_000);
  cancellation.abort();
  await pause;
  expect(before.aborted).toBe(true);
  expect(deadline.signal.aborted).toBe(false);
  await deadline.pause(60_000);
  expect(deadline.signal.aborted).toBe(true);
  // The time itself is held against the runner's where a step is cancelled.
  const seconds = (performance.now() - started) / 1000;
  expect(seconds).toBeGreaterThan(4);
  expect(seconds).toBeLessThan(18);
  await deadline.pause(60_000);
});

test('a step that is cancelled already has these seconds too', () => {
  expect(withGrace(AbortSignal.abort()).signal.aborted).toBe(false);
});

test('without grace all ends with the step', async () => {
  const cancellation = new AbortController();
  const deadline = untilCancelled(cancellation.signal);
  expect(deadline.signal.aborted).toBe(false);
  const pause = deadline.pause(60_000);
  cancellation.abort();
  await pause;
  expect(deadline.signal.aborted).toBe(true);
});
