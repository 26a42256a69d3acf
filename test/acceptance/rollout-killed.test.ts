import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cp, mkdir, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepResult } from '@sluice/testing/action.ts';
import { writeGitKiller } from '@sluice/testing/git-killer.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';

/*
 * kill -9 of deploy and rollback at every boundary of an effect that others can see: the pushes that claim the environment,
 * write the journal and write the ledger, and the reload command; and inside of staging, when the bytes are there and have not
 * come to their place. What kills is git itself, or the command, as they are started by the step, or the step's own write.
 * Afterwards, without waiting, (a) the same run again, (b) a rollback by somebody else, (c) a deployment
 * of something else. v1.0.0, v2.0.0 and v3.0.0 were deployed, v4.0.0 and v5.0.0 are registered.
 */

jest.setTimeout(600_000);

let production: Production;
let bin: string;
let snapshot: string;
beforeAll(async () => {
  production = await startProduction();
  const { root } = production.repository;
  for (const bias of [1, 2, 3]) {
    await production.register({ bias });
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
  }
  for (const bias of [4, 5]) await production.register({ bias });
  bin = path.join(root, 'bin');
  await mkdir(bin);
  await writeGitKiller(bin);
  await writeFile(
    path.join(bin, 'staging.cjs'),
    `const files = require('node:fs/promises');
const { existsSync } = require('node:fs');
const write = files.writeFile;
files.writeFile = (file, ...rest) => {
  if (/\\.staging-.*release\\.json$/.test(String(file)) && existsSync(${JSON.stringify(path.join(bin, 'half-staged'))}))
    process.kill(process.pid, 'SIGKILL');
  return write(file, ...rest);
};
require('node:module').syncBuiltinESMExports();
`,
  );
  await production.repository.write({
    'reload.sh': `[ -e "${bin}/reload-before" ] && { kill -9 $PPID; exit 1; }
${production.server.reload}
[ -e "${bin}/reload-after" ] && kill -9 $PPID
exit 0
`,
  });
  await production.configure({
    target: `{type: directory, path: '\${MODEL_ROOT}', reload: sh reload.sh, url: '\${MODEL_URL}'}`,
    // How long the server has to stay as it is, is tested elsewhere.
    verify: "{golden: '{model-path}/golden.jsonl', ready-count: 1, settle: 1ms}",
  });
  snapshot = path.join(root, 'snapshot');
  await cp(production.repository.remote, path.join(snapshot, 'remote'), { recursive: true });
  await cp(production.root, path.join(snapshot, 'served'), { recursive: true, verbatimSymlinks: true });
});
afterAll(() => production.remove());

/** Remote, folder and server as they were before anything was killed. */
async function restore(): Promise<void> {
  const { remote } = production.repository;
  await rm(remote, { recursive: true, force: true });
  await cp(path.join(snapshot, 'remote'), remote, { recursive: true });
  for (const name of ['current', 'releases', 'owner.json'])
    await rm(path.join(production.root, name), { recursive: true, force: true });
  await cp(path.join(snapshot, 'served'), production.root, { recursive: true, verbatimSymlinks: true });
  process.kill(production.server.pid, 'SIGHUP');
  while ((await production.served()).version !== 'v3.0.0') await sleep(5);
  for (const name of ['pushes', 'push', 'before', 'half-staged', 'reload-before', 'reload-after'])
    await rm(path.join(bin, name), { force: true });
}

type Boundary =
  | 'before the claim'
  | 'claimed'
  | 'half staged'
  | 'journal written'
  | 'switched'
  | 'reloaded'
  | 'verified'
  | 'recorded';
/** The files that have the wrappers kill there. A rollback claims the environment with the journal of its switch. */
const KILLS: Readonly<
  Record<'deploy' | 'rollback', Partial<Record<Boundary, Readonly<Record<string, string>>>>>
> = {
  deploy: {
    'before the claim': { push: '1', before: '' },
    // With the environment claimed, and nothing written since.
    'half staged': { 'half-staged': '' },
    'journal written': { push: '2' },
    switched: { 'reload-before': '' },
    reloaded: { 'reload-after': '' },
    verified: { push: '3', before: '' },
    recorded: { push: '3' },
  },
  rollback: {
    'before the claim': { push: '1', before: '' },
    claimed: { push: '1' },
    switched: { 'reload-before': '' },
    reloaded: { 'reload-after': '' },
    verified: { push: '2', before: '' },
    recorded: { push: '2' },
  },
};

const RUN = '500';
const env = (run: string, attempt = '1') => ({
  PATH: `${bin}:${process.env['PATH'] ?? ''}`,
  NODE_OPTIONS: `--require ${path.join(bin, 'staging.cjs')}`,
  GITHUB_SERVER_URL: 'https://forge.example',
  GITHUB_REPOSITORY: 'acme/flights',
  GITHUB_RUN_ID: run,
  GITHUB_RUN_ATTEMPT: attempt,
});
const STEPS = {
  deploy: (at = env(RUN)) => production.run('deploy', { version: 'v4.0.0' }, { env: at }),
  rollback: (at = env(RUN)) => production.run('rollback', { reason: 'bad' }, { env: at }),
};

async function killed(kind: 'deploy' | 'rollback', boundary: Boundary): Promise<void> {
  await restore();
  const files = Object.entries(KILLS[kind][boundary] ?? {});
  for (const [name, content] of files) await writeFile(path.join(bin, name), content);
  expect((await STEPS[kind]()).code).toBeNull();
  if (boundary === 'half staged')
    expect((await readdir(path.join(production.root, 'releases'))).join()).toContain('.staging-');
  for (const [name] of files) await rm(path.join(bin, name));
}

/** Ledger, target and answers agree on the version, and nothing is left. */
async function expectSettled(step: StepResult, version: string): Promise<void> {
  expect([step.code, step.result['message']]).toEqual([0, expect.any(String)]);
  expect(await production.served()).toMatchObject({ version });
  expect(path.basename(await readlink(path.join(production.root, 'current')))).toBe(version);
  expect(await production.ledgerLive()).toBe(version);
  expect(await production.locks()).toBe('');
  const left = [production.root, path.join(production.root, 'releases')].map((folder) => readdir(folder));
  const hidden = (await Promise.all(left)).flat().filter((name) => name.startsWith('.'));
  expect(hidden.filter((name) => name !== '.fences')).toEqual([]);
}

/** Of a run that never claimed the environment others cannot know. */
const known = (kind: 'deploy' | 'rollback'): Boundary[] => (Object.keys(KILLS[kind]) as Boundary[]).slice(1);

describe.each(known('deploy'))('a deployment killed when %s', (boundary) => {
  test('gets through when its run is started again', async () => {
    await killed('deploy', boundary);
    await expectSettled(await STEPS.deploy(env(RUN, '2')), 'v4.0.0');
  });

  test('is ended by a rollback, which goes no further', async () => {
    await killed('deploy', boundary);
    await expectSettled(await STEPS.rollback(env('501')), 'v3.0.0');
  });

  test('makes way for another one', async () => {
    await killed('deploy', boundary);
    await expectSettled(await production.run('deploy', { version: 'v5.0.0' }, { env: env('501') }), 'v5.0.0');
  });
});

describe.each(known('rollback'))('a rollback killed when %s', (boundary) => {
  const quarantined = async (): Promise<string[]> => [
    ...((await production.ledger()).environments.get('production')?.quarantined ?? []),
  ];

  test('goes forward when its run is started again, and no further', async () => {
    await killed('rollback', boundary);
    const again = await STEPS.rollback(env(RUN, '2'));
    await expectSettled(again, 'v2.0.0');
    expect(again.outputs['reason-code']).toBe(boundary === 'recorded' ? 'already-done' : 'ok');
    expect(await quarantined()).toEqual(['v3.0.0']);
  });

  test('is finished by a rollback of another run; one that was recorded, by going one step further', async () => {
    await killed('rollback', boundary);
    await expectSettled(await STEPS.rollback(env('501')), boundary === 'recorded' ? 'v1.0.0' : 'v2.0.0');
    expect(await quarantined()).toContain('v3.0.0');
  });

  test('makes way for a deployment', async () => {
    await killed('rollback', boundary);
    await expectSettled(await production.run('deploy', { version: 'v5.0.0' }, { env: env('501') }), 'v5.0.0');
  });
});

test.each(['deploy', 'rollback'] as const)(
  'a %s killed before it claimed anything leaves no trace',
  async (kind) => {
    await killed(kind, 'before the claim');
    await expectSettled(await STEPS[kind](env(RUN, '2')), kind === 'deploy' ? 'v4.0.0' : 'v2.0.0');
  },
);
