import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { startProduction, type Production } from '@sluice/testing/production.ts';

/*
 * Somebody who may push tags or other refs, and nothing else, tries to stop deployments and rollbacks, or to choose what
 * they serve. One environment serves v2.0.0 after v1.0.0.
 */

jest.setTimeout(90_000);

let production: Production;
beforeEach(async () => {
  production = await startProduction();
  for (const bias of [1, 2]) {
    await production.register({ bias });
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
  }
});
afterEach(() => production.remove());

const because = { reason: 'predicts nonsense' };

/** Puts a tag of v1.0.0's commit on the remote, as git would never write it. */
async function pushTag(name: string, tagger: string, message = 'x\n'): Promise<void> {
  const { repository } = production;
  const commit = await repository.remoteGit('rev-parse', 'flight-delay@v1.0.0^{commit}');
  const file = path.join(repository.root, 'tag');
  await writeFile(file, `object ${commit}\ntype commit\ntag ${name}\n${tagger}\n\n${message}`);
  const object = await repository.remoteGit('hash-object', '-t', 'tag', '-w', '--literally', file);
  await repository.remoteGit('update-ref', `refs/tags/${name}`, object);
}

describe('tags that somebody pushed', () => {
  test('with absurd times, names and sizes stop neither rollback nor the next deployment', async () => {
    const eve = (seconds: string): string => `tagger Eve <e@x> ${seconds} +0000`;
    await pushTag('flight-delay#staging#900', eve('8640000000000'));
    await pushTag('flight-delay#staging#901', eve(String(2n ** 62n)));
    await pushTag('flight-delay#staging#902', `tagger ${'<'.repeat(60_000)}${'>'.repeat(60_000)} 1 +0000`);
    await pushTag('flight-delay#staging#903', eve('1'), '\n '.repeat(10_000_000));
    const back = await production.run('rollback', because);
    expect(back).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok', version: 'v1.0.0' } });
    const warnings = back.annotations
      .filter(({ level }) => level === 'warning')
      .map(({ message }) => message);
    expect(warnings).toEqual([
      expect.stringContaining(
        'Tag flight-delay#staging#900 is dated +275760-09-13T00:00:00.000Z, more than a day',
      ),
      expect.stringContaining('Tag flight-delay#staging#901 is dated 4611686018427387904 s after 1970'),
      expect.stringMatching(/^Tag flight-delay#staging#903 has 20\d+ bytes/),
    ]);
    expect(await production.ledgerLive()).toBe('v1.0.0');
    expect(await production.served()).toMatchObject({ version: 'v1.0.0' });
    const { version } = await production.register({ bias: 3 });
    expect(await production.run('deploy')).toMatchObject({ code: 0, outputs: { version } });
  });

  test('with the last counters stop nobody from counting on', async () => {
    for (const counter of ['999999999999999', '1000000000000', '1000000000001', '9'.repeat(20)])
      await pushTag(`flight-delay#staging#${counter}`, 'tagger Eve <e@x> 1700000000 +0000');
    for (const version of ['v1.0.0', 'v2.0.0']) {
      expect(await production.run('deploy', { version })).toMatchObject({
        code: 0,
        outputs: { 'reason-code': 'ok' },
      });
      expect(await production.ledgerLive()).toBe(version);
    }
  });
});

test('the store that a tag names has to be one that sluice.yaml names', async () => {
  const elsewhere = await production.register({ bias: 3 });
  await production.configure({ registry: `{type: git, store: 'dir:${production.store}-of-the-team'}` });
  const refused = await production.run('deploy');
  expect(refused).toMatchObject({
    code: 1,
    outputs: { decision: 'fail', 'reason-code': 'evidence-mismatch' },
  });
  expect(refused.result['message']).toContain(`Tag flight-delay@${elsewhere.version} says that the bytes`);
  expect(await production.served()).toMatchObject({ version: 'v2.0.0' });
  // What is staged with its digest needs no store.
  expect(await production.run('rollback', because)).toMatchObject({
    code: 0,
    outputs: { version: 'v1.0.0' },
  });
  await production.configure({
    registry: `{type: git, store: 'release:acme/flights', former-stores: ['dir:${production.store}']}`,
  });
  const allowed = await production.run('deploy');
  expect(allowed).toMatchObject({ code: 0, outputs: { version: elsewhere.version } });
});

describe('a journal that somebody pushed', () => {
  const ref = 'refs/sluice/rollouts/flight-delay/production';

  test('never decides what a rollback serves', async () => {
    await production.register({ bias: 3 });
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
    expect(await production.run('rollback', because)).toMatchObject({ outputs: { version: 'v2.0.0' } });
    for (const [previous, said] of [
      ['v3.0.0', 'v3.0.0 was live before, which the ledger does not'],
      [undefined, 'nothing was live before, which the ledger does not'],
    ]) {
      await production.placeLock({ candidate: 'v1.0.0', before: previous });
      const step = await production.run('rollback', because);
      expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', version: 'v2.0.0' } });
      expect(step.result['message']).toContain(said);
      expect(step.result['message']).toContain('run this step again');
      expect(await production.served()).toEqual({ version: 'v2.0.0', prediction: 2 });
    }
    expect(await production.run('rollback', because)).toMatchObject({
      code: 0,
      outputs: { version: 'v1.0.0' },
    });
    expect(await production.locks()).toBe('');
  });

  test('locks nobody out for ever', async () => {
    await production.placeLock({ candidate: 'v9.0.0' });
    expect(await production.run('rollback', because)).toMatchObject({
      outputs: { decision: 'warn', version: 'v2.0.0' },
    });
    const { repository } = production;
    await repository.remoteGit('update-ref', ref, await repository.remoteGit('rev-parse', 'main^{tree}'));
    expect(await production.run('rollback', because)).toMatchObject({
      outputs: { decision: 'warn', version: 'v2.0.0' },
    });
    // Only a rollback that gives signs of life keeps others out.
    const rollback = { kind: 'rollback', candidate: 'v9.0.0' } as const;
    const stop = await production.keepLock(rollback);
    const locked = await production.run('rollback', because);
    expect(locked).toMatchObject({ code: 1, outputs: { 'reason-code': 'locked' } });
    expect(locked.result['message']).toContain("'force: true' takes the lock");
    await stop();
    const broken = await production.run('rollback', { ...because, to: 'v1.0.0', 'break-lock': 'true' });
    expect(broken).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
    expect(await production.locks()).toBe('');
  });

  test('of the first engine, or of a later one, is settled as what it may be: a deployment that moved the traffic', async () => {
    const { repository } = production;
    const heartbeat = new Date().toISOString();
    const old = {
      claim: 'x',
      candidate: 'v1.0.0',
      previous: 'v1.0.0',
      step: 'switching',
      started: heartbeat,
      heartbeat,
    };
    for (const content of [old, { schema: 3 }]) {
      await repository.write({ 'rollout.json': JSON.stringify(content) });
      await repository.commit('A journal');
      await repository.remoteGit('update-ref', ref, 'main');
      const step = await production.run('rollback', because);
      expect(step).toMatchObject({ outputs: { decision: 'warn', version: 'v2.0.0' } });
      expect(step.stdout).toContain('a rollout whose journal this release cannot read');
    }
  });

  test('of a rollback never makes one', async () => {
    await production.placeLock({ kind: 'rollback', candidate: 'v1.0.0', before: 'v2.0.0', left: true });
    await production.register({ bias: 3 });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 0, outputs: { version: 'v3.0.0', 'previous-version': 'v2.0.0' } });
    expect((await production.ledger()).environments.get('production')?.quarantined.size).toBe(0);
  });
});
