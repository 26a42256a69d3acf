import type { ProtocolKind } from '@sluice/core/serving/protocols/kind.ts';

/** One row in, a list with one prediction out; such servers do not say which version they run. */
export const rows: ProtocolKind<'rows'> = () => ({
  paths: { ready: '/health', version: undefined, predict: '/invocations' },
  request: (input) => ({ rows: [input] }),
  prediction: (body) =>
    Array.isArray(body) && body.length === 1
      ? { kind: 'found', value: body[0] as unknown }
      : { kind: 'missing', message: 'no list of one prediction' },
});
