import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isUserError } from '../../../action/errors.ts';
import { parseJson } from '../../../action/json.ts';
import { RefusedError, readAnswer } from './program.ts';
import { REFUSALS, answerSchemas, type Operation } from './protocol.ts';

const operation = fc.constantFrom(...(Object.keys(answerSchemas) as Operation[]));
const json = fc.jsonValue({ maxDepth: 4 });
/** Keys and values that mean something, in any arrangement. */
const close = fc.dictionary(
  fc.constantFrom('schema-version', 'error', 'fence', 'by', 'message', 'intended', 'generation', 'url', '<<'),
  fc.oneof(
    json,
    fc.constantFrom(1, 'failed', 'fenced', 'drifted', 'later', [{ version: 'v1.0.0', weight: 100 }]),
  ),
);
const answer = fc.oneof(
  fc.string({ unit: 'binary' }),
  json.map((value) => JSON.stringify(value)),
  close.map((value) => JSON.stringify({ 'schema-version': 1, ...value })),
);

/** What became of an answer; throws what is neither of the three. */
function read(text: string, asked: Operation, code: number): unknown {
  try {
    const end = { ended: 'exit', code, tail: '', seconds: 0, answer: text } as const;
    return readAnswer(end, asked, { place: 'target.run' });
  } catch (error) {
    if (error instanceof RefusedError) return { refused: error.refusal.error };
    if (isUserError(error)) return 'an error';
    throw error;
  }
}

test('whatever a program answers is an answer of the operation, a refusal that it has, or an error that says what to do', () => {
  fc.assert(
    fc.property(answer, operation, fc.constantFrom(0, 1), (text, asked, code) => {
      const refusals = REFUSALS[asked].map((refused) => ({ refused }));
      const success = code === 0 ? [parseJson(text)] : [];
      expect(['an error', ...refusals, ...success]).toContainEqual(read(text, asked, code));
    }),
    { numRuns: 1000 },
  );
});
