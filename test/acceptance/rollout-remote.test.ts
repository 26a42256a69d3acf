import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProduction, type Production } from '@sluice/testing/production.ts';

/*
 * The remote or the lease fails a rollout at its pushes: a wrapper of git plays that, as the step's own git would meet it. One
 * environment serves v2.0.0 after v1.0.0, and v3.0.0 is registered.
 */

jest.setTimeout(120_000);

let production: Production;
let bin: string;
beforeEach(async () => {
  production = await startProduction();
  for (const bias of [1, 2]) {
    await production.register({ bias });
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
  }
  await production.register({ bias: 3 });
  bin = path.join(production.repository.root, 'bin');
  await mkdir(bin);
});
afterEach(() => production.remove());

/** Runs `script` where the step pushes what `pattern` (of a shell's case) matches; $GIT is git. Returns the environment. */
async function atPush(pattern: string, script: string): Promise<Record<string, string>> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const found = await Promise.all(
    folders.map(async (folder) => (await readdir(folder).catch((): string[] => [])).includes('git')),
  );
  const git = path.join(folders[found.indexOf(true)] ?? '', 'git');
  await writeFile(
    path.join(bin, 'git'),
    `#!/bin/sh\nGIT="${git}"\ncase " $* " in *" push "*${pattern}) ${script};; esac\nexec "$GIT" "$@"\n`,
    { mode: 0o755 },
  );
  return { PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` };
}

/** An attempt of the run that goes back. */
const attempt = (number: number): Record<string, string> => ({
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/flights',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: String(number),
});

async function expectServed(version: string): Promise<void> {
  expect((await production.served()).version).toBe(version);
  expect(await production.ledgerLive()).toBe(version);
  expect(await production.locks()).toBe('');
}

describe('a deployment whose push got no answer', () => {
  test('finds out that the ledger has it', async () => {
    const env = await atPush(
      'refs/tags/*',
      '"$GIT" "$@" >/dev/null 2>&1; echo "fatal: early EOF" >&2; exit 128',
    );
    const step = await production.run('deploy', {}, { env });
    expect(step).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok', version: 'v3.0.0' } });
    await expectServed('v3.0.0');
  });

  test('stays in service while the remote is away, and the next run finds out', async () => {
    const { remote } = production.repository;
    const env = await atPush(
      'refs/tags/*',
      `"$GIT" "$@" >/dev/null 2>&1; mv "${remote}" "${remote}.away"; echo "fatal: the remote end hung up unexpectedly" >&2; exit 128`,
    );
    const step = await production.run('deploy', {}, { env });
    await rename(`${remote}.away`, remote);
    expect(step).toMatchObject({
      code: 1,
      outputs: {
        decision: 'error',
        'reason-code': 'service-unavailable',
        live: '[{"version":"v3.0.0","weight":100}]',
      },
    });
    expect(step.result['message']).toContain('whether the ledger says so is not known');
    await expectServed('v3.0.0');
    const back = await production.run('rollback', { reason: 'bad' });
    expect(back).toMatchObject({ code: 0, outputs: { version: 'v2.0.0', 'previous-version': 'v3.0.0' } });
    await expectServed('v2.0.0');
  });
});

// A deployment writes it after it has taken the environment, and a rollback as it does.
test.each([
  ['deploy', {}, '-e', 'nothing was changed there'],
  ['rollback', { reason: 'bad' }, '! -e', 'Could not write the ledger'],
] as const)(
  'a %s that cannot write its journal moves nothing and blames no model',
  async (action, inputs, when, message) => {
    const env = await atPush(
      'refs/sluice/rollouts/*',
      `[ ${when} "${bin}/claimed" ] && { echo "fatal: unable to access: The requested URL returned error: 503" >&2; exit 128; }; touch "${bin}/claimed"`,
    );
    const step = await production.run(action, inputs, { env });
    expect(step).toMatchObject({
      code: 1,
      outputs: { decision: 'error', 'reason-code': 'service-unavailable' },
    });
    expect(step.result['message']).toContain(message);
    expect((await production.served()).version).toBe('v2.0.0');
    await rm(path.join(bin, 'git'));
    expect(await production.run('deploy')).toMatchObject({ code: 0, outputs: { version: 'v3.0.0' } });
    await expectServed('v3.0.0');
  },
);

test('a deployment that slept before its push, while others took over, writes and moves nothing', async () => {
  const env = await atPush(
    'refs/tags/*',
    `touch "${bin}/asleep"; while [ ! -e "${bin}/awake" ]; do sleep 0.1; done`,
  );
  const sleeper = production.run('deploy', {}, { env });
  const asleep = (): Promise<boolean> =>
    access(path.join(bin, 'asleep')).then(
      () => true,
      () => false,
    );
  while (!(await asleep())) await sleep(20);
  const back = await production.run('rollback', { reason: 'it hangs' }, { env: attempt(1) });
  expect(back).toMatchObject({ code: 0, outputs: { version: 'v2.0.0', 'previous-version': 'v3.0.0' } });
  expect(back.annotations[0]?.message).toContain('Pre-empting a rollout, because a rollback goes first');
  expect(
    await production.repository.remoteGit(
      'for-each-ref',
      '--count=1',
      '--sort=-creatordate',
      '--format=%(contents)',
      'refs/tags/*#*',
    ),
  ).toMatch(/^Pre-empted: the deploy to v3\.0\.0 by .*\nPut-Back: v3\.0\.0$/m);
  expect(await production.run('rollback', { reason: 'again' }, { env: attempt(2) })).toMatchObject({
    code: 0,
    outputs: { 'reason-code': 'already-done', version: 'v2.0.0' },
  });
  expect(await production.run('deploy', { version: 'v1.0.0' })).toMatchObject({ code: 0 });
  await writeFile(path.join(bin, 'awake'), '');
  const step = await sleeper;
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'locked' } });
  expect(step.result['message']).toContain('This run stops and touches nothing');
  await expectServed('v1.0.0');
});
