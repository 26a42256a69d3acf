import { expect, test } from '@jest/globals';
import { CancelledError, UserError } from '../action/errors.ts';
import { severalStores } from './several.ts';
import type { Store } from './store.ts';

const DIGEST = 'a'.repeat(64);

/** A store that answers every question in this way. */
function store(uri: Store['uri'], answer: () => boolean): Store {
  return {
    uri,
    has: async () => answer(),
    put: () => Promise.reject(new Error('nothing is put')),
    async fetch() {
      if (answer()) return { modelPath: uri };
      throw new UserError('missing-file', `not in ${uri}`);
    },
    companion: async () => (answer() ? uri : undefined),
    unnamed: async () => (answer() ? [uri] : []),
  };
}

const refuses = (error: Error) => (): never => {
  throw error;
};
const down = new UserError('service-unavailable', 'the server is down');

async function asked(...stores: [Store, ...Store[]]): Promise<unknown[]> {
  const [first, ...others] = stores;
  const several = severalStores(first, others);
  const answers = await Promise.allSettled([
    several.has('m', DIGEST),
    several.fetch('m', DIGEST, '/d').then(({ modelPath }) => modelPath),
    several.companion('m', DIGEST, { name: 'metrics.json' }),
    several.unnamed('m', DIGEST),
  ]);
  return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : (answer.reason as unknown)));
}

test('the first store with an answer has it', async () => {
  const [empty, full] = [store('dir:/a', () => false), store('dir:/b', () => true)];
  expect(await asked(full, empty)).toEqual([true, 'dir:/b', 'dir:/b', ['dir:/b']]);
  expect(await asked(empty, full)).toEqual([true, 'dir:/b', 'dir:/b', ['dir:/b']]);
  const missing = expect.objectContaining({ reasonCode: 'missing-file', message: 'not in dir:/a' });
  expect(
    await asked(
      empty,
      store('dir:/c', () => false),
    ),
  ).toEqual([false, missing, undefined, []]);
});

test('what one refuses counts only where no other has an answer', async () => {
  const [empty, full] = [store('dir:/a', () => false), store('dir:/b', () => true)];
  const refusing = store('s3://c', refuses(down));
  expect(await asked(refusing, full)).toEqual([true, 'dir:/b', 'dir:/b', ['dir:/b']]);
  expect(await asked(empty, refusing)).toEqual([down, down, down, down]);
});

test('a cancellation is passed on at once', async () => {
  const cancelled = new CancelledError('SIGINT');
  const answers = await asked(
    store('dir:/a', refuses(cancelled)),
    store('dir:/b', () => true),
  );
  expect(answers).toEqual([cancelled, cancelled, cancelled, cancelled]);
});
