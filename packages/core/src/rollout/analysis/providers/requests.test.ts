import { expect, test } from '@jest/globals';
import { parseRequests } from './requests.ts';

test('requests, and golden predictions as such: those that must be refused are left out', () => {
  const text = [
    '{"id": 7, "input": {"x": 1}}',
    '',
    '{"input": {"x": 2}, "output": {"prediction": 3}, "tolerance": 0.1}',
    '{"input": {"x": "?"}, "status": 400}',
    '{"id": "b", "input": null}',
  ].join('\n');
  expect(parseRequests(text, 'requests.jsonl')).toEqual([
    { id: '7', input: { x: 1 } },
    { input: { x: 2 } },
    { id: 'b', input: null },
  ]);
});

test.each(['{"x": 1}', '[1]', 'x', '{"input": 1, "label": 2}', '{"id": {}, "input": 1}'])(
  '%s is no request',
  (line) => {
    expect(() => parseRequests(`{"input": 1}\n${line}\n`, 'requests.jsonl')).toThrow(
      'requests.jsonl:2 is no request. A line is {"input": …}',
    );
  },
);

test('a file without any request that gets a prediction is refused', () => {
  expect(() => parseRequests('{"input": 1, "status": 400}\n', 'golden.jsonl')).toThrow(
    'golden.jsonl holds no request that gets a prediction.',
  );
});
