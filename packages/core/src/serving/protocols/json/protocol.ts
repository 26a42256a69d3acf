import type { ProtocolKind } from '../kind.ts';

/** The input as the body of a request, and the body of the answer as the prediction. */
export const json: ProtocolKind<'json'> = () => ({
  paths: { ready: '/ready', version: '/version', predict: '/predict' },
  request: (input) => input,
  prediction: (body) => ({ kind: 'found', value: body }),
});
