import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { access, readFile, readlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '@sluice/core/transfer/parallel.ts';
import type { StepResult } from '@sluice/testing/action.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';

/* Many runs want one environment at once, on machines whose clocks differ by a day, and one falls asleep with it. */

jest.setTimeout(300_000);

const PAIRS = 16;
/** As many as two cores carry without one waiting for another in its checks. */
const PAIRS_AT_ONCE = 3;
const HALF_A_DAY_MS = 12 * 3_600_000 - 60_000;
/** Sets the clock of a step's own process. */
const CLOCK = `const RealDate = Date;
const now = () => RealDate.now() + Number(process.env.CLOCK_AHEAD_MS);
globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }
  static now() {
    return now();
  }
};
`;

let production: Production;
beforeAll(async () => {
  production = await startProduction();
  const { root } = production.repository;
  await writeFile(path.join(root, 'clock.cjs'), CLOCK);
  await production.configure({
    verify: "{golden: '{model-path}/golden.jsonl', ready-count: 1, settle: 1ms}",
  });
  for (const bias of [1, 2, 3]) await production.register({ bias });
  for (const version of ['v1.0.0', 'v2.0.0'])
    expect(await production.run('deploy', { version })).toMatchObject({ code: 0 });
});
afterAll(() => production.remove());

const runUrl = (id: number): string => `https://forge.example/acme/flights/actions/runs/${id}/attempts/1`;
const env = (id: number, aheadMs = 0): Record<string, string> => ({
  GITHUB_SERVER_URL: 'https://forge.example',
  GITHUB_REPOSITORY: 'acme/flights',
  GITHUB_RUN_ID: String(id),
  GITHUB_RUN_ATTEMPT: '1',
  CLOCK_AHEAD_MS: String(aheadMs),
  NODE_OPTIONS: `--require ${path.join(production.repository.root, 'clock.cjs')}`,
});

/** Ledger, target and answers agree, and nobody has the environment. */
async function expectAgreement(): Promise<string | undefined> {
  const live = await production.ledgerLive();
  expect((await production.served()).version).toBe(live);
  expect(path.basename(await readlink(path.join(production.root, 'current')))).toBe(live);
  expect(await production.locks()).toBe('');
  return live;
}

test('of sixteen pairs of a deployment and a rollback no run is green about a version that is not live', async () => {
  const pairs = Array.from({ length: PAIRS }, (_, index) => index);
  const ended = await inParallel(pairs, PAIRS_AT_ONCE, async (index) => {
    const id = 100 + 2 * index;
    const ahead = index % 2 === 0 ? HALF_A_DAY_MS : -HALF_A_DAY_MS;
    const version = `v${(index % 3) + 1}.0.0`;
    return Promise.all([
      production.run('deploy', { version, 'release-quarantine': 'true' }, { env: env(id, ahead) }),
      production.run('rollback', { reason: `pair ${index}` }, { env: env(id + 1, -ahead) }),
    ]);
  });
  const runs = ended.flatMap(([deploy, rollback], index) => [
    { id: 100 + 2 * index, step: deploy },
    { id: 101 + 2 * index, step: rollback },
  ]);
  const history = (await production.ledger()).environments.get('production')?.history ?? [];
  const written = new Set(
    history.map(({ kind, version, trailers }) => `${kind} ${version} ${trailers.get('Run') ?? ''}`),
  );
  const wrote = ({ id, step }: { id: number; step: StepResult }): boolean =>
    written.has(`assignment ${step.outputs['version'] ?? ''} ${runUrl(id)}`);
  // Whoever was green wrote it into the ledger, or found it there.
  const green = runs.filter(({ step }) => step.code === 0);
  const found = ({ step }: { step: StepResult }): boolean =>
    ['already-live', 'already-done'].includes(step.outputs['reason-code'] ?? '') ||
    /live in production again|The ledger said so all along/.test(String(step.result['message']));
  const unfounded = green.filter((run) => !wrote(run) && !found(run));
  expect(unfounded.map(({ id, step }) => [id, step.result['message']])).toEqual([]);
  // Whoever was not says why, in a word that helps.
  const known = [
    'locked',
    'pre-empted',
    'superseded',
    'nothing-to-roll-back-to',
    'verification-failed',
    'rolled-back',
  ];
  const strange = runs.filter(
    ({ step }) => step.code !== 0 && !known.includes(step.outputs['reason-code'] ?? ''),
  );
  expect(strange.map(({ id, step }) => [id, step.outputs['reason-code'], step.result['message']])).toEqual(
    [],
  );
  expect(green.length).toBeGreaterThan(PAIRS / 2);
  await expectAgreement();
});

test('a run that was stopped with the environment, and wakes up when others have been there, moves nothing and is not green', async () => {
  const { root } = production.repository;
  const asleep = path.join(root, 'asleep');
  await production.repository.write({
    'reload.sh': `[ -n "$SLEEPY" ] && { echo $PPID > "${asleep}.part"; mv "${asleep}.part" "${asleep}"; kill -STOP $PPID; }
${production.server.reload}
`,
  });
  await production.configure({
    target: `{type: directory, path: '\${MODEL_ROOT}', reload: sh reload.sh, url: '\${MODEL_URL}'}`,
    verify: "{golden: '{model-path}/golden.jsonl', ready-count: 1, settle: 1ms}",
  });
  await production.run('deploy', { version: 'v2.0.0', 'release-quarantine': 'true' }, { env: env(200) });
  const sleeper = production.run(
    'deploy',
    { version: 'v3.0.0', 'release-quarantine': 'true' },
    { env: { ...env(201), SLEEPY: 'yes' } },
  );
  const isAsleep = (): Promise<boolean> =>
    access(asleep).then(
      () => true,
      () => false,
    );
  while (!(await isAsleep())) await sleep(20);
  const pid = Number(await readFile(asleep, 'utf8'));
  const back = await production.run('rollback', { reason: 'it hangs' }, { env: env(202) });
  expect(back).toMatchObject({ code: 0, outputs: { version: 'v2.0.0' } });
  expect(
    await production.run('deploy', { version: 'v1.0.0', 'release-quarantine': 'true' }, { env: env(203) }),
  ).toMatchObject({ code: 0 });
  process.kill(pid, 'SIGCONT');
  const step = await sleeper;
  expect(step.code).toBe(1);
  expect(['locked', 'pre-empted']).toContain(step.outputs['reason-code']);
  expect(await expectAgreement()).toBe('v1.0.0');
});
