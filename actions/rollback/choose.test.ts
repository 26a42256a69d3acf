import { describe, expect, test } from '@jest/globals';
import { UserError } from '@sluice/core/action/errors.ts';
import { deployed, type Book } from '@sluice/testing/book.ts';
import { chooseTarget } from './choose.ts';

const request = { environment: 'prod', reason: 'predicts nonsense', force: false, hold: false };

/** Chooses in an environment where the bytes are gone of some versions, on disk and in the store. */
async function choose(book: Book, wish: Partial<typeof request & { to: string }> = {}, gone: string[] = []) {
  const warnings: string[] = [];
  const asked: string[] = [];
  const delivery = {
    origin: {},
    settings: { model: 'm' },
    target: { holds: async (version: string) => version === 'v1.0.0' && !gone.includes(version) },
    store: ({ version }: { version: string }) => {
      asked.push(version);
      return { uris: ['dir:/s' as const], has: async () => !gone.includes(version) };
    },
  };
  const log = { warning: (line: string) => void warnings.push(line) };
  const choice = chooseTarget(delivery, { ...request, ...wish }, book.state(), log);
  return { choice: await choice.catch((error: unknown) => error), warnings, asked };
}

describe('without a name', () => {
  test('it is the newest good version before the live one, and the store is asked what the disk lacks', async () => {
    const { choice, warnings, asked } = await choose(deployed(3));
    expect(choice).toMatchObject({ version: { version: 'v2.0.0' }, live: false });
    expect(asked).toEqual(['v2.0.0']);
    expect(warnings).toEqual([]);
  });

  test('versions whose bytes are gone are passed over, one after the other, and the log says so', async () => {
    const { choice, warnings } = await choose(deployed(4), {}, ['v3.0.0', 'v2.0.0']);
    expect(choice).toMatchObject({ version: { version: 'v1.0.0' } });
    expect(warnings).toEqual([
      expect.stringMatching(/^v3\.0\.0 is passed over: The bytes of v3\.0\.0 .* are not in dir:\/s/),
      expect.stringMatching(/^v2\.0\.0 is passed over/),
    ]);
  });

  test('when none is left it says of each why not', async () => {
    const book = deployed(3);
    book.rollback();
    const { choice } = await choose(book, {}, ['v1.0.0']);
    expect(choice).toBeInstanceOf(UserError);
    expect(choice).toMatchObject({
      reasonCode: 'nothing-to-roll-back-to',
      decision: 'fail',
      message: expect.stringContaining('v3.0.0 (quarantined), v1.0.0 (bytes missing)'),
    });
  });
});

describe('a version that is named', () => {
  test('is never passed over', async () => {
    const { choice, warnings } = await choose(deployed(3), { to: 'v2.0.0' }, ['v2.0.0']);
    expect(choice).toMatchObject({ reasonCode: 'missing-file' });
    expect(warnings).toEqual([]);
  });

  test('may be the live one', async () => {
    expect((await choose(deployed(2), { to: 'v2.0.0' })).choice).toMatchObject({ live: true });
  });

  test('and quarantined needs force', async () => {
    const book = deployed(2);
    book.rollback();
    const refused = (await choose(book, { to: 'v2.0.0' })).choice;
    expect(refused).toMatchObject({
      reasonCode: 'quarantined',
      decision: 'fail',
      message: expect.stringContaining("set 'force: true'"),
    });
    expect((await choose(book, { to: 'v2.0.0', force: true })).choice).toMatchObject({
      version: { version: 'v2.0.0' },
      live: false,
    });
  });
});
