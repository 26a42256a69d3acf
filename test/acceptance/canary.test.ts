import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { startFrontDoor, type FrontDoor } from '@sluice/testing/front-door.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';

// Each test makes a repository, starts a server for each version and watches a canary for a while.
jest.setTimeout(180_000);

let production: Production;
let front: FrontDoor;
let root: string;
// One environment for all: what a test leaves is what the next one finds, as in production.
beforeAll(async () => {
  production = await startProduction();
  root = path.join(production.repository.root, 'behind');
  front = await startFrontDoor(root);
  await production.repository.write({
    'requests.jsonl': Array.from({ length: 20 }, (_, x) => `{"id": "${x}", "input": {"x": ${x}}}\n`).join(''),
  });
  await strategy('direct');
  await production.register({ bias: 1 });
  expect(await production.run('deploy')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await front.stop();
  await production.remove();
});

const AGREEMENT =
  '{provider: predictions, requests: requests.jsonl, rate: 50, min-samples: 50, agreement: {min: 0.9}}';
const CANARY = `{canary: {steps: [{weight: 20, bake: 2s}, {weight: 100}], deadline: 30s, analysis: [${AGREEMENT}]}}`;
const PAUSED = `{canary: {steps: [{weight: 20}, {pause: approve}, {weight: 100}]}}`;

async function strategy(name: string): Promise<void> {
  const target = `{type: command, run: ${JSON.stringify(front.run)}, path: ${root}, capabilities: [${front.capabilities.join(', ')}], url: '${front.url}'}`;
  await production.configure({ target: `${target}\n    strategy: ${name}` });
}

/** The versions that answer at the front door, and how often of a hundred times. */
async function answers(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < 100; i++) {
    const { version } = (await (await fetch(`${front.url}/version`)).json()) as { version: string };
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}

/** Registers a version with other bytes, which predicts as v1.0.0 does for a bias of 1. */
const another = async (bias = 1): Promise<string> =>
  (await production.register({ bias, faults: { version: `v${++bytes}.0.0` } })).version;
let bytes = 1;

/** What the journal on the remote says, as far as it is there. */
async function phase(): Promise<string> {
  const [ref] = (await production.locks()).split('\t').slice(1);
  if (ref === undefined) return 'none';
  const text = await production.repository.remoteGit('show', `${ref}:rollout.json`);
  return (JSON.parse(text) as { rollout: { phase: string } }).rollout.phase;
}

/** Waits until the rollout of a run bakes, or the run is over. */
async function bakes(running: Promise<unknown>): Promise<void> {
  let over = false;
  void running.then(() => (over = true));
  while (!over && (await phase()) !== 'baking') continue;
}

interface RolloutResult {
  readonly phase: string;
  readonly verdicts: readonly { readonly metric: string; readonly verdict: string }[];
  readonly steps: readonly { readonly name: string; readonly weight?: number }[];
}
const resultOf = ({ result }: { result: unknown }): RolloutResult => result as RolloutResult;

/** Where everything is as it was before. */
async function expectLive(version: string): Promise<void> {
  expect(await answers()).toEqual({ [version]: 100 });
  expect(await production.ledgerLive()).toBe(version);
  expect(await production.locks()).toBe('');
}

test('a shadow is compared and taken away, and never said to be deployed', async () => {
  await another();
  await strategy(`{shadow: {bake: 2s, analysis: [${AGREEMENT}]}}`);
  const step = await production.run('deploy');
  expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'compared' } });
  expect(step.summary).toContain('is not live');
  await expectLive('v1.0.0');
});

test('a canary that predicts something else is stopped by that, though it answers fast and well', async () => {
  await another(2);
  await strategy(CANARY);
  const step = await production.run('deploy');
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'analysis-failed' } });
  expect(resultOf(step)).toMatchObject({ phase: 'restored', verdicts: [{ verdict: 'fail' }] });
  await expectLive('v1.0.0');
});

test('a canary that predicts alike gets its share, then all the traffic, and the summary tells it', async () => {
  const version = await another();
  await strategy(CANARY);
  const step = await production.run('deploy');
  expect(step).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok', version } });
  await expectLive(version);
  const { phase: end, verdicts, steps } = resultOf(step);
  expect([end, verdicts.map(({ metric, verdict }) => `${metric} ${verdict}`)]).toEqual([
    'recorded',
    ['predictions.agreement pass'],
  ]);
  expect(steps.map(({ name, weight }) => `${name} ${weight ?? ''}`.trim())).toEqual([
    'claim',
    'stage',
    'probe',
    'switch 20',
    'read-back 20',
    'bake 20',
    'switch 100',
    'read-back 100',
    'verify',
    'record',
  ]);
  expect(step.summary).toContain('#### Rollout');
  expect(step.summary).toContain('xychart-beta');
  expect(step.stdout).toMatch(/Step 1 of 2, 20 % to v4\.0\.0: .*predictions\.agreement/);
});

test('a canary is left to whoever else moves its traffic, and what the ledger says comes back with the next run', async () => {
  await another();
  await strategy(CANARY.replace('bake: 2s', 'bake: 60s'));
  const running = production.run('deploy');
  await bakes(running);
  const file = path.join(root, 'traffic.json');
  const foreign = (await readFile(file, 'utf8')).replace('"weight": 20', '"weight": 30');
  await writeFile(file, foreign.replace('"weight": 80', '"weight": 70'));
  const step = await running;
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'drifted' } });
  expect(step.stdout).toContain('Somebody else moves the traffic');
  expect(await production.run('rollback', { reason: 'x' })).toMatchObject({ code: 0 });
  await expectLive('v4.0.0');
});

test('a canary that was killed while it baked is undone by a rollback', async () => {
  await another();
  await strategy(CANARY.replace('bake: 2s', 'bake: 60s'));
  await production.run('deploy', {}, { kill: { after: 'Step 1 of 2', signal: 'SIGKILL' } });
  expect(Object.keys(await answers()).sort()).toEqual(['v4.0.0', 'v6.0.0']);
  expect(await production.run('rollback', { reason: 'it hangs' })).toMatchObject({ code: 0 });
  await expectLive('v4.0.0');
});

test('a pause keeps the share until a run goes on, and no other deployment passes it', async () => {
  const version = await another();
  await strategy(PAUSED);
  const paused = await production.run('deploy');
  expect(paused).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'paused' } });
  expect(Object.keys(await answers()).sort()).toEqual(['v4.0.0', version]);
  expect(await production.ledgerLive()).toBe('v4.0.0');
  const other = await production.run('deploy', { version: 'v4.0.0' });
  expect(other.outputs['reason-code']).toBe('locked');
  const resumed = await production.run('deploy', { resume: 'true' });
  expect(resumed).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok', version } });
  await expectLive(version);
  const both = await production.run('deploy', { resume: 'true', force: 'true' });
  expect(both.outputs['reason-code']).toBe('bad-input');
  const again = await production.run('deploy', { resume: 'true' });
  expect(again.outputs['reason-code']).toBe('nothing-paused');
});

test('a pause is ended by a rollback', async () => {
  await another();
  await strategy(PAUSED);
  await production.run('deploy');
  expect(await production.run('rollback', { reason: 'no' })).toMatchObject({ code: 0 });
  await expectLive('v7.0.0');
});

test('a group of an ab test is told by its header, and all get the candidate in the end', async () => {
  const version = await another();
  await strategy(`{ab: {header: x-variant, value: b, bake: 2s, analysis: [${AGREEMENT}]}}`);
  const running = production.run('deploy');
  await bakes(running);
  const answer = await fetch(`${front.url}/version`, { headers: { 'x-variant': 'b' } });
  expect(await answer.json()).toMatchObject({ version });
  expect(await running).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok' } });
  await expectLive(version);
});

test('blue-green asks a version beside what is live, and switches nothing to one that answers wrongly', async () => {
  await strategy('blue-green');
  await production.register({ bias: 3, golden: '{"input": {"x": 1}, "output": {"prediction": 0}}' });
  const broken = await production.run('deploy');
  expect(broken).toMatchObject({ code: 1 });
  expect(broken.stdout).toContain('nothing was changed there');
  await expectLive('v9.0.0');
});
