import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { assign, hex, register } from '@sluice/testing/ledger.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { openLedger, type Ledger } from '@sluice/core/ledger/repository.ts';

// Each writer starts git dozens of times.
jest.setTimeout(300_000);

let repository: TestRepository;
beforeEach(async () => {
  repository = await createRepository();
});
afterEach(() => repository.remove());

const open = (): Promise<Ledger> => openLedger({ directory: repository.workspace, log: silentLog });

describe('writers who race', () => {
  test('lose nothing and double nothing, each gets a version of its own', async () => {
    const ledgers = await Promise.all(Array.from({ length: 8 }, () => open()));
    const results = await Promise.all(ledgers.map((ledger, i) => register(ledger, i + 1)));
    const versions = results.map(({ plan }) => (plan.kind === 'write' ? plan.version : plan.kind));
    expect([...versions].sort()).toEqual(Array.from({ length: 8 }, (_, i) => `v${i + 1}.0.0`));
    const state = await (await open()).read('m');
    expect(state.versions).toHaveLength(8);
    expect(state.problems).toEqual([]);
    for (const [i, version] of versions.entries()) {
      expect(state.versions.find((v) => v.version === version)?.modelDigest).toBe(hex(i + 1));
    }
  });

  test('with the same bytes make one version', async () => {
    const ledgers = await Promise.all(Array.from({ length: 8 }, () => open()));
    const results = await Promise.all(ledgers.map((ledger) => register(ledger, 1)));
    expect(results.filter(({ plan }) => plan.kind === 'write')).toHaveLength(1);
    expect(results.every(({ plan }) => plan.kind !== 'refused' && plan.version === 'v1.0.0')).toBe(true);
    expect(await repository.tags()).toEqual(['m@v1.0.0']);
  });

  test('who expect what they saw: one wins, the others are superseded', async () => {
    const ledger = await open();
    for (let i = 1; i <= 5; i++) await register(ledger, i);
    await assign(ledger, 'v1.0.0');
    const results = await Promise.all([2, 3, 4, 5].map((n) => assign(ledger, `v${n}.0.0`, 'v1.0.0')));
    const kinds = results.map(({ plan }) => (plan.kind === 'refused' ? plan.reason : plan.kind)).sort();
    expect(kinds).toEqual(['superseded', 'superseded', 'superseded', 'write']);
    const winner = results.findIndex(({ plan }) => plan.kind === 'write') + 2;
    expect((await ledger.read('m')).environments.get('production')?.live?.version).toBe(`v${winner}.0.0`);
  });
});
