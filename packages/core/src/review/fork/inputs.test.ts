import { expect, test } from '@jest/globals';
import { refuseUntrustedInputs } from './inputs.ts';

test('predictions alone may be named', () => {
  expect(() => refuseUntrustedInputs({ predictions: 'p.csv' })).not.toThrow();
});

test.each([
  [{ predictions: 'p.csv', 'model-path': 'm.pkl' }, "Input 'model-path' is 'm.pkl'"],
  [{ predictions: 'p.csv', metrics: 'm.json' }, "Input 'metrics' is 'm.json'"],
  [{}, "Set the input 'predictions'"],
])('%j is refused', (inputs, said) => {
  expect(() => refuseUntrustedInputs(inputs)).toThrow(said);
});
