import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startProduction, type Production } from '@sluice/testing/production.ts';

/*
 * Somebody else writes to the ledger after this step has read it and before its own push is taken. The remote's hook
 * plays them: it lets the lock pass and writes its own tags when ours arrive, once.
 */

jest.setTimeout(120_000);

let production: Production;
beforeEach(async () => {
  production = await startProduction();
  for (const bias of [1, 2]) {
    await production.register({ bias });
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
  }
});
afterEach(() => production.remove());

/** Tags that appear with our push: name, the version it points at, and trailers. */
type Rival = readonly [name: string, version: string, trailers?: string];

async function rivals(...tags: readonly Rival[]): Promise<void> {
  const written = tags.map(
    ([name, version, trailers = 'Actor: rival']) =>
      `git -c user.name=r -c user.email=r@r tag -a -m 'Rival\n\n${trailers}' '${name}' 'flight-delay@${version}^{}'`,
  );
  await production.repository.hook(
    'pre-receive',
    `grep -q refs/tags/ || exit 0
git rev-parse --quiet --verify 'refs/tags/${tags[0]?.[0] ?? ''}' >/dev/null && exit 0
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
${written.join('\n')}`,
  );
}

const events = async (): Promise<string[]> =>
  (await production.repository.tags()).filter((name) => /#([3-9])$/.test(name));

describe('deploy', () => {
  test('takes the next number when a tag with its own appeared meanwhile', async () => {
    await production.register({ bias: 3 });
    await rivals(['flight-delay#production#3', 'v2.0.0']);
    const step = await production.run('deploy');
    expect(step.outputs).toMatchObject({ decision: 'pass', 'reason-code': 'ok', version: 'v3.0.0' });
    expect(await events()).toEqual(['flight-delay#production#3', 'flight-delay#production#4']);
    expect(await production.ledgerLive()).toBe('v3.0.0');
    expect((await production.served()).version).toBe('v3.0.0');
    expect(await production.locks()).toBe('');
  });

  test('gives way when what it was to replace is not live any more', async () => {
    await production.register({ bias: 3 });
    await rivals(['flight-delay#production#3', 'v1.0.0']);
    const step = await production.run('deploy', { 'expected-current': 'v2.0.0' });
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'superseded' } });
    expect(await events()).toEqual(['flight-delay#production#3']);
    expect((await production.served()).version).not.toBe('v3.0.0');
    expect(await production.locks()).toBe('');
  });
});

describe('rollback', () => {
  const because = { reason: 'predicts nonsense' };

  test('takes the next numbers when a tag with one of its own appeared meanwhile', async () => {
    await rivals(['flight-delay#production#4', 'v2.0.0']);
    const step = await production.run('rollback', because);
    expect(step.outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
    expect(await events()).toEqual([
      'flight-delay#production!#5',
      'flight-delay#production#4',
      'flight-delay#production#6',
    ]);
    expect(await production.ledgerLive()).toBe('v1.0.0');
    expect((await production.served()).version).toBe('v1.0.0');
    expect(await production.locks()).toBe('');
  });

  test('gives way when what it was to replace is not live any more', async () => {
    await production.register({ bias: 3 });
    await rivals(['flight-delay#production#4', 'v3.0.0']);
    const step = await production.run('rollback', { ...because, 'expected-current': 'v2.0.0' });
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'superseded' } });
    expect(await events()).toEqual(['flight-delay#production#4']);
    expect(await production.locks()).toBe('');
  });

  test('agrees when somebody else has written the same rollback meanwhile', async () => {
    await rivals(
      ['flight-delay#production!#3', 'v2.0.0', 'Quarantine: true'],
      ['flight-delay#production#4', 'v1.0.0'],
    );
    const step = await production.run('rollback', because);
    expect(step.outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
    expect(step.stdout).toContain('somebody else wrote meanwhile that v1.0.0 is live');
    expect(await events()).toEqual(['flight-delay#production!#3', 'flight-delay#production#4']);
    expect((await production.served()).version).toBe('v1.0.0');
    expect(await production.locks()).toBe('');
  });
});
