import { expect, test } from '@jest/globals';
import { settleTime } from './verification.ts';

const verification = {
  settle: { answers: 3, ms: 500 },
  patience: { timeoutMs: 60_000, pauseMs: 200 },
};
const because = (step: string) => ({
  because: { step, decision: 'fail', reason: 'verification-failed', message: '' } as const,
});

test('what was put back has to hold as long as a candidate had that may come up yet', () => {
  expect(settleTime(verification, because('read-back'))).toEqual({ answers: 300, ms: 60_000 });
  expect(settleTime(verification, because('verify'))).toEqual(verification.settle);
  expect(settleTime(verification, {})).toEqual(verification.settle);
  const longer = { ...verification, settle: { answers: 1000, ms: 120_000 } };
  expect(settleTime(longer, because('read-back'))).toEqual(longer.settle);
});
