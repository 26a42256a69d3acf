import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import {
  CancelledError,
  UnknownOutcomeError,
  UserError,
  errorCode,
  errorMessage,
  fileRefusal,
} from './errors.ts';

test('the code of a system error, also from another realm', async () => {
  const error: unknown = await readFile('/does/not/exist').catch((caught: unknown) => caught);
  expect(errorCode(error)).toBe('ENOENT');
  expect(errorCode(runInNewContext(`Object.assign(new Error('x'), { code: 'EPERM' })`))).toBe('EPERM');
});

test.each([
  new Error('x'),
  Object.assign(new Error('x'), { code: 7 }),
  { code: 'ENOENT' },
  'ENOENT',
  undefined,
  null,
])('%p has no code', (value) => {
  expect(errorCode(value)).toBeUndefined();
});

test('the text of anything thrown', () => {
  expect(errorMessage(new Error('told'))).toBe('told');
  expect(errorMessage('told')).toBe('told');
  expect(errorMessage(undefined)).toBe('undefined');
});

test('a user error is an error unless it says that the model failed', () => {
  expect(new UserError('bad-input', 'x').decision).toBe('error');
  expect(new UserError('regression', 'x', { decision: 'fail' }).decision).toBe('fail');
  expect(new CancelledError('SIGTERM')).toMatchObject({ reasonCode: 'cancelled', decision: 'error' });
  const cutOff = new UnknownOutcomeError(
    new CancelledError('SIGINT'),
    'v1.0.0 was being pushed',
    'Run it again',
  );
  expect(cutOff).toBeInstanceOf(CancelledError);
  expect(cutOff.message).toBe(
    'The step was cancelled (SIGINT) while v1.0.0 was being pushed, and the answer was not waited for: whether it was done is not known. Run it again.',
  );
});

test.each([
  ['EACCES', 'no-permission'],
  ['EROFS', 'no-permission'],
  ['ENOSPC', 'service-unavailable'],
  ['ENOTDIR', 'bad-input'],
])('what the machine refuses with %s is %s, also as a cause', (code, reason) => {
  const error = Object.assign(new Error(`${code}: open '/data/x'`), { code, path: '/data/x' });
  for (const thrown of [error, new Error('x.json: unreadable', { cause: error })]) {
    expect(fileRefusal(thrown)).toMatchObject({
      reasonCode: reason,
      message: expect.stringContaining("'/data/x'"),
    });
  }
});

test.each([new TypeError('x'), Object.assign(new Error('x'), { code: 'EACCES' }), 'EACCES', undefined])(
  '%p is no refusal of a file',
  (error) => {
    expect(fileRefusal(error)).toBeUndefined();
  },
);
