import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bundleModule } from '@sluice/testing/bundle.ts';
import type { WriterWish } from '@sluice/testing/ledger-writer.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { parseTag } from '@sluice/core/ledger/grammar.ts';
import type { Plan } from '@sluice/core/ledger/plan.ts';
import { openLedger } from '@sluice/core/ledger/repository.ts';

// Twenty processes, each of which starts git dozens of times.
jest.setTimeout(300_000);

let repository: TestRepository;
let program: string;
beforeEach(async () => {
  repository = await createRepository();
  program = await bundleModule('packages/testing/ledger-writer.ts', repository.root);
});
afterEach(() => repository.remove());

const digest = (n: number): string => n.toString(16).padStart(64, '0');

async function write(directory: string, wish: WriterWish): Promise<Plan> {
  const { stdout } = await promisify(execFile)('node', [program, directory, JSON.stringify(wish)]);
  return JSON.parse(stdout) as Plan;
}

test('twenty processes with mixed wishes lose nothing, double nothing, and each is answered', async () => {
  const { workspace } = repository;
  for (let n = 1; n <= 4; n++) await write(workspace, { do: 'register', digest: digest(n) });
  for (const version of ['v2.0.0', 'v1.0.0'])
    await write(workspace, { do: 'assign', environment: 'production', version });
  const before = await repository.tags();

  const expected = { environment: 'production', expectedCurrent: 'v1.0.0' };
  const wishes: WriterWish[] = [
    ...[11, 12, 13, 14, 15, 16].map((n) => ({ do: 'register' as const, digest: digest(n) })),
    ...[0, 1, 2, 3].map(() => ({ do: 'register' as const, digest: digest(99) })),
    ...['v2.0.0', 'v3.0.0', 'v4.0.0', 'v3.0.0', 'v4.0.0'].map((version) => ({
      do: 'assign' as const,
      version,
      ...expected,
    })),
    ...[0, 1].map(() => ({ do: 'rollback' as const, ...expected })),
    ...['v1.0.0', 'v2.0.0', 'v3.0.0'].map((version) => ({
      do: 'assign' as const,
      version,
      environment: 'staging',
    })),
  ];
  expect(wishes).toHaveLength(20);
  const other = await repository.clone('--depth=1');
  const plans = await Promise.all(wishes.map((wish, i) => write(i % 2 === 0 ? workspace : other, wish)));

  const kinds = (from: number, to: number): string[] =>
    plans
      .slice(from, to)
      .map((plan) => (plan.kind === 'refused' ? plan.reason : plan.kind))
      .sort();
  expect(kinds(0, 6)).toEqual(Array.from({ length: 6 }, () => 'write'));
  expect(kinds(6, 10)).toEqual(['nothing', 'nothing', 'nothing', 'write']);
  expect(kinds(10, 17)).toEqual([...Array.from({ length: 6 }, () => 'superseded'), 'write']);
  expect(kinds(17, 20)).toEqual(['write', 'write', 'write']);

  const promised = plans.flatMap((plan) => (plan.kind === 'write' ? plan.tags.map((tag) => tag.name) : []));
  const after = await repository.tags();
  expect([...before, ...promised].sort()).toEqual([...after].sort());
  const counters = after.flatMap((name) => parseTag(name)?.counter ?? []);
  expect(new Set(counters).size).toBe(counters.length);

  const state = await (await openLedger({ directory: workspace, log: silentLog })).read('m');
  expect(state.problems).toEqual([]);
  for (const [i, wish] of wishes.entries()) {
    const plan = plans[i] as Plan;
    if (wish.do !== 'register' || plan.kind === 'refused') continue;
    expect(state.versions.find((v) => v.version === plan.version)?.modelDigest).toBe(wish.digest);
  }
  const winner = plans.slice(10, 17).find((plan) => plan.kind === 'write');
  expect(state.environments.get('production')?.live?.version).toBe(
    winner?.kind === 'write' ? winner.version : undefined,
  );
  expect(state.environments.get('staging')?.history).toHaveLength(3);
});
