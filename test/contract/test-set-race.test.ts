import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { bundleModule } from '@sluice/testing/bundle.ts';
import { createRepository } from '@sluice/testing/repository.ts';
import { findRemote } from '@sluice/core/ledger/remote.ts';
import { testSetUses } from '@sluice/core/ledger/test-set-uses.ts';

jest.setTimeout(300_000);

test('eight processes that count at the same time, as jobs on other runners do, lose nothing', async () => {
  const repository = await createRepository();
  const program = await bundleModule('packages/testing/test-set-counter.ts', repository.root);
  const testSet = 'd'.repeat(64);
  const candidates = Array.from({ length: 8 }, (_, i) => i.toString(16).padStart(64, '0'));
  await Promise.all(
    candidates.map((candidate) =>
      promisify(execFile)(process.execPath, [program, repository.workspace, testSet, candidate]),
    ),
  );
  const remote = await findRemote({ directory: repository.workspace });
  const listed = (await testSetUses(remote, 'm', testSet).read()).map(({ candidate }) => candidate);
  expect([...listed].sort()).toEqual(candidates);
  await repository.remove();
});
