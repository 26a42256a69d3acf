import { describe, expect, test } from '@jest/globals';
import { MlflowRefusal, MlflowUnavailable, problemOf } from './answer.ts';

const question = { call: 'POST runs/create', server: 'http://mlflow:5000' };
const json = (code: string, message = 'because'): string => JSON.stringify({ error_code: code, message });

describe('an answer of MLflow', () => {
  const problem = (status: number, text: string, contentType = 'application/json') =>
    problemOf({ status, text, contentType }, question);

  test.each([
    [200, '{}', 'application/json'],
    [200, '', 'text/html; charset=utf-8'],
  ])('%d %j is good', (status, text, type) => {
    expect(problem(status, text, type)).toBeUndefined();
  });

  test.each([
    [429, json('REQUEST_LIMIT_EXCEEDED')],
    [503, json('TEMPORARILY_UNAVAILABLE')],
    [500, json('INTERNAL_ERROR')],
    [502, 'Bad Gateway'],
    [503, '<html>upstream down</html>'],
    [400, json('BAD_REQUEST', '(sqlite3.IntegrityError) UNIQUE constraint failed: datasets.name')],
  ])('%d %s may be better the next time', (status, text) => {
    expect(problem(status, text, 'text/plain')).toBeInstanceOf(MlflowUnavailable);
  });

  test.each([
    [401, 'You are not authenticated.', 'no-permission', /MLFLOW_TRACKING_USERNAME.*MLFLOW_TRACKING_TOKEN/],
    [403, json('PERMISSION_DENIED'), 'no-permission', /may edit experiments and registered models/],
    [
      403,
      'Invalid Host header - possible DNS rebinding attack detected',
      'no-permission',
      /host name 'mlflow:5000'.*--allowed-hosts 'mlflow:5000'/,
    ],
    [503, 'disabled … in `--artifacts-only` mode', 'service-unavailable', /address of the tracking server/],
    [503, 'disabled … with `--no-serve-artifacts`', 'service-unavailable', /Restart it without/],
    [413, 'Payload Too Large', 'service-unavailable', /client_max_body_size/],
    [200, '<!doctype html><title>Sign in</title>', 'service-unavailable', /web page.*SLUICE_MLFLOW_HEADERS/],
    [404, '<!doctype html><title>404</title>', 'service-unavailable', /the path before \/api/],
    [302, '', 'service-unavailable', /redirect \(HTTP 302\) to https:\/\/login\.example\.com\. /],
    [
      400,
      json('INVALID_PARAMETER_VALUE', 'Changing param values is not allowed'),
      'bad-input',
      /never change/,
    ],
    [
      400,
      json('INVALID_PARAMETER_VALUE', "'digest' exceeds the maximum length of 36"),
      'bad-input',
      /Shorten/,
    ],
  ])('%d %s is refused as %s and says what to do', (status, text, reason, says) => {
    const error = problemOf(
      { status, text, contentType: 'text/plain', location: 'https://login.example.com/?token=secret' },
      question,
    );
    expect(error).toBeInstanceOf(MlflowRefusal);
    expect(error?.reasonCode).toBe(reason);
    expect(error?.message).toMatch(says);
    expect(error?.message).not.toContain('secret');
  });

  test.each([
    ['7', 7000],
    ['100000', 60_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('Retry-After %s is a wait of %p ms', (retryAfter, waitMs) => {
    const answer = { status: 503, text: '', contentType: '', retryAfter };
    expect(problemOf(answer, question)).toMatchObject({ waitMs });
  });
});
