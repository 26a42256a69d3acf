import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readAnswer } from './api.ts';

const read = (body: unknown, status = 200): unknown =>
  readAnswer(
    { kind: 'answered', status, body: typeof body === 'string' ? body : JSON.stringify(body), ms: 1 },
    'up',
    'http://p:9090',
  );
const success = (data: object): object => ({ status: 'success', data });

test.each([
  [
    'a matrix',
    {
      resultType: 'matrix',
      result: [
        {
          metric: { a: 'b' },
          values: [
            [1.5, '2'],
            [2.5, '3e2'],
          ],
        },
      ],
    },
    [
      {
        labels: { a: 'b' },
        samples: [
          [1.5, 2],
          [2.5, 300],
        ],
      },
    ],
  ],
  [
    'a vector',
    {
      resultType: 'vector',
      result: [
        { metric: {}, value: [1, 'NaN'] },
        { metric: {}, value: [1, '-Inf'] },
      ],
    },
    [
      { labels: {}, samples: [[1, NaN]] },
      { labels: {}, samples: [[1, -Infinity]] },
    ],
  ],
  ['a scalar', { resultType: 'scalar', result: [1, '4'] }, [{ labels: {}, samples: [[1, 4]] }]],
  ['nothing', { resultType: 'vector', result: [] }, []],
])('%s', (_, data, series) => {
  expect(read(success(data))).toEqual({ kind: 'series', series });
});

test('a refusal is passed on with the query', () => {
  const refusal = { status: 'error', errorType: 'bad_data', error: 'parse error: unexpected "}"' };
  expect(read(refusal, 400)).toEqual({
    kind: 'error',
    message: 'http://p:9090 refused: parse error: unexpected "}" (bad_data). The query was up',
  });
});

test.each([
  ['a page', '<html>login</html>', 200, 'did not answer as Prometheus does: <html>login</html>.'],
  ['a page that says no', 'no', 403, 'did not answer as Prometheus does: HTTP 403: no.'],
  [
    'text',
    { status: 'success', data: { resultType: 'string', result: [1, 'x'] } },
    200,
    'as Prometheus does',
  ],
  [
    'histograms',
    success({ resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] }),
    200,
    'as Prometheus does',
  ],
  [
    'numbers',
    success({ resultType: 'vector', result: [{ metric: {}, value: [1, 2] }] }),
    200,
    'as Prometheus',
  ],
])('%s is no answer', (_, body, status, message) => {
  expect(read(body, status)).toMatchObject({ kind: 'error', message: expect.stringContaining(message) });
});

test('a server that cannot be asked is an error', () => {
  expect(readAnswer({ kind: 'silent', message: 'refused', ms: 1 }, 'up', 'http://p:9090')).toEqual({
    kind: 'error',
    message: 'http://p:9090 could not be asked: refused. The query was up',
  });
});

test('whatever is answered, it is series or an error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.integer({ min: 200, max: 599 }), (body, status) => {
      expect(read(body, status)).toMatchObject({ kind: 'error' });
    }),
  );
});
