import { describe, expect, test } from '@jest/globals';
import { refusalOf, waitOf } from './refusal.ts';

const NOW = Date.parse('2026-01-02T03:00:00Z');
const RESET = String(NOW / 1000 + 600);

describe('refusalOf', () => {
  const limited = { said: expect.any(String), limited: true, temporary: true };
  const final = { said: expect.any(String), limited: false, temporary: false };

  test.each([
    [429, {}, '', limited],
    [403, { 'retry-after': '60' }, { message: 'Slow down' }, limited],
    [403, {}, { message: 'API rate limit exceeded for installation ID 1.' }, limited],
    [403, {}, { message: 'You have exceeded a secondary rate limit.' }, limited],
    // The last request of an hour may be refused for another reason.
    [403, { 'x-ratelimit-remaining': '0' }, { message: 'Resource not accessible by integration' }, final],
    [401, {}, { message: 'Bad credentials' }, final],
    [404, {}, '404 page not found', final],
    [408, {}, '', { said: '', limited: false, temporary: true }],
    [502, {}, '<html>Bad gateway</html>', { said: '', limited: false, temporary: true }],
  ])('%d with %j and %j', (status, headers, data, expected) => {
    expect(refusalOf({ status, headers, data })).toEqual(expected);
  });

  test('says what the forge says, with the fields at fault, and nothing of what a router says', () => {
    const said = (data: unknown): string => refusalOf({ status: 422, headers: {}, data }).said;
    const errors = [
      { resource: 'IssueComment', message: 'Body is too long' },
      'No commit found.',
      { code: 'x' },
    ];
    expect(said({ message: 'Validation Failed', errors })).toBe(
      'Validation Failed. Body is too long. No commit found.',
    );
    expect(said({ message: 'Not Found', documentation_url: 'x' })).toBe('Not Found.');
    expect(said('404 page not found')).toBe('');
    expect(said(undefined)).toBe('');
  });
});

describe('waitOf', () => {
  test.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET }, 0],
    [{ 'retry-after': '-3' }, 0],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET }, 601_000],
    [{ 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': RESET }, 60_000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' }, 60_000],
    [{ 'retry-after': 'Fri, 02 Jan 2026 03:01:00 GMT' }, 60_000],
    [{}, 60_000],
  ])('%j is %d ms', (headers, ms) => {
    expect(waitOf({ status: 429, headers, data: '' }, NOW)).toBe(ms);
  });

  test('goes by the clock of the forge', () => {
    const headers = {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': RESET,
      date: 'Fri, 02 Jan 2026 03:09:00 GMT',
    };
    expect(waitOf({ status: 403, headers, data: '' }, NOW)).toBe(61_000);
  });

  test('is over where the hour is', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET };
    expect(waitOf({ status: 403, headers, data: '' }, NOW + 3_600_000)).toBe(1000);
  });
});
