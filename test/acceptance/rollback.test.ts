import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { rm, symlink, utimes, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lookAtFiles, recordFiles } from '@sluice/core/serving/file-record.ts';
import { watchGit } from '@sluice/testing/git-commands.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';

// Each test makes a repository, registers models and runs steps as processes of their own.
jest.setTimeout(90_000);

let production: Production;
beforeEach(async () => {
  production = await startProduction();
});
afterEach(() => production.remove());

const because = { reason: 'predicts nonsense' };

/** Registers and deploys one version after the other; `bias` is the version's number. */
async function deployed(versions: number): Promise<{ digest: string }[]> {
  const registered = [];
  for (let bias = 1; bias <= versions; bias++) {
    registered.push(await production.register({ bias }));
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
  }
  return registered;
}

const quarantined = async (): Promise<string[]> => [
  ...((await production.ledger()).environments.get('production')?.quarantined ?? []),
];

describe('rollback', () => {
  test('works, as deploy does, from the few folders that actions/checkout brings with sparse-checkout', async () => {
    const { repository } = production;
    await repository.write({ 'src/train.py': 'print()\n', 'other/notes.txt': 'long\n' });
    await repository.commit('Configure');
    const workspace = await repository.clone('--no-local', '--depth=1', '--filter=blob:none', '--sparse');
    for (const bias of [1, 2]) {
      await production.register({ bias });
      expect(await production.run('deploy', {}, { workspace })).toMatchObject({ code: 0 });
    }
    expect(await production.run('rollback', because, { workspace })).toMatchObject({
      code: 0,
      outputs: { version: 'v1.0.0' },
    });
    expect(await production.ledgerLive()).toBe('v1.0.0');
    expect(await production.locks()).toBe('');
  });

  test('brings the version before back in seconds, quarantines the bad one, and never ping-pongs', async () => {
    await deployed(2);
    const git = await watchGit(production.repository.root);
    const began = performance.now();
    const step = await production.run('rollback', because, { env: { PATH: git.path } });
    const whole = (performance.now() - began) / 1000;
    expect(step).toMatchObject({
      code: 0,
      outputs: { decision: 'pass', 'reason-code': 'ok', version: 'v1.0.0', 'previous-version': 'v2.0.0' },
    });
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
    const [traffic, verified] = ['seconds-to-traffic', 'seconds-to-verified'].map((name) =>
      Number(step.outputs[name]),
    );
    expect(traffic).toBeGreaterThan(0);
    expect(verified).toBeGreaterThanOrEqual(traffic ?? Infinity);
    expect(verified).toBeLessThanOrEqual(whole);
    const switched = (step.result['steps'] as { name: string; started: string }[]).find(
      ({ name }) => name === 'switch',
    );
    const before = (await git.take()).filter(
      ({ time, network }) => network && time * 1000 < Date.parse(switched?.started ?? ''),
    );
    expect(before.map(({ name }) => name)).toEqual(['fetch', 'push']);
    expect(step.summary).toContain('### `flight-delay` `v1.0.0` is back in production');
    expect(step.summary).toContain('`production`: `v2.0.0` → `v1.0.0`');
    expect(step.summary).toContain('| auc | 0.7200 | 0.7100 |');
    const [difference, switching] = ['auc: 0.72 → 0.71', 'Switch the traffic'].map((text) =>
      step.stdout.indexOf(text),
    );
    expect(difference).toBeGreaterThan(0);
    expect(switching).toBeGreaterThan(difference ?? Infinity);
    expect(await quarantined()).toEqual(['v2.0.0']);
    const state = (await production.ledger()).environments.get('production');
    expect(state?.live).toMatchObject({ version: 'v1.0.0', reason: 'predicts nonsense', actor: 'octocat' });
    expect(await production.locks()).toBe('');

    const again = await production.run('rollback', because);
    expect(again).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'nothing-to-roll-back-to' },
    });
    expect(again.outputs['result']).toContain('v2.0.0 (quarantined)');
    expect((await production.served()).version).toBe('v1.0.0');
    expect(await production.locks()).toBe('');
  });

  test('walks further back when repeated', async () => {
    await deployed(3);
    expect((await production.run('rollback', because)).outputs['version']).toBe('v2.0.0');
    expect((await production.run('rollback', because)).outputs['version']).toBe('v1.0.0');
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
    expect((await quarantined()).sort()).toEqual(['v2.0.0', 'v3.0.0']);
  });

  test('keeps deploy from bringing the bad version back, until it is released', async () => {
    await deployed(2);
    await production.run('rollback', because);
    const refused = await production.run('deploy');
    expect(refused).toMatchObject({ code: 1, outputs: { 'reason-code': 'quarantined', decision: 'fail' } });
    expect(refused.outputs['result']).toContain('predicts nonsense');
    expect((await production.served()).version).toBe('v1.0.0');
    const released = await production.run('deploy', { 'release-quarantine': 'true' });
    expect(released).toMatchObject({ code: 0, outputs: { version: 'v2.0.0' } });
    expect(await quarantined()).toEqual([]);
  });

  test('goes to a named version, to a quarantined one only by force', async () => {
    await deployed(3);
    expect((await production.run('rollback', { ...because, to: 'v1.0.0' })).outputs['version']).toBe(
      'v1.0.0',
    );
    const refused = await production.run('rollback', { ...because, to: 'v3.0.0' });
    expect(refused).toMatchObject({ code: 1, outputs: { 'reason-code': 'quarantined' } });
    expect(refused.outputs['result']).toContain('force: true');
    const forced = await production.run('rollback', { ...because, to: 'v3.0.0', force: 'true' });
    expect(forced).toMatchObject({ code: 0, outputs: { version: 'v3.0.0' } });
    expect(await production.served()).toEqual({ version: 'v3.0.0', prediction: 3 });
  });

  test('is taken back by force: the good version that it went to is not quarantined for that', async () => {
    await deployed(2);
    await production.run('rollback', because);
    const back = { reason: 'the data were wrong', to: 'v2.0.0', force: 'true' };
    const look = await production.run('rollback', { ...back, 'dry-run': 'true' });
    expect(look.result['message']).not.toContain('quarantine');
    const step = await production.run('rollback', back);
    expect(step).toMatchObject({ code: 0, outputs: { version: 'v2.0.0', 'previous-version': 'v1.0.0' } });
    expect(step.result['message']).toContain('v1.0.0 is not quarantined.');
    expect(await production.served()).toEqual({ version: 'v2.0.0', prediction: 2 });
    expect(await quarantined()).toEqual([]);
    expect((await production.run('rollback', because)).outputs['version']).toBe('v1.0.0');
    expect(await quarantined()).toEqual(['v2.0.0']);
  });

  test('leaves what it is asked to leave, and that once', async () => {
    await deployed(3);
    const run = (id: number) => ({
      env: {
        GITHUB_SERVER_URL: 'https://forge.example',
        GITHUB_REPOSITORY: 'acme/flights',
        GITHUB_RUN_ID: String(id),
      },
    });
    const two = await production.run('rollback', because, run(70));
    expect(two).toMatchObject({ code: 0, outputs: { version: 'v2.0.0' } });
    // Somebody else pressed the button at the same time.
    for (const step of [
      await production.run('rollback', because, run(69)),
      await production.run('rollback', { ...because, from: 'v3.0.0' }, run(71)),
    ]) {
      expect(step).toMatchObject({
        code: 0,
        outputs: { decision: 'pass', 'reason-code': 'already-done', version: 'v2.0.0' },
      });
      expect(step.result['message']).toMatch(/done already \(tag \S+ by octocat in \S+runs\/70/);
    }
    const never = await production.run('rollback', { ...because, from: 'v9.0.0' });
    expect(never).toMatchObject({ code: 1, outputs: { 'reason-code': 'unknown-version' } });
    const one = await production.run('rollback', { ...because, from: 'v2.0.0' }, run(72));
    expect(one).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
  });

  test('leaves no version that came after its run was created, by the numbers of the runs, and when started again by the forge', async () => {
    const github = new GitHubDouble({ permissions: { actions: 'read' } });
    await github.start();
    try {
      const headSha = await production.repository.git('rev-parse', 'HEAD');
      github.state.runs.push({
        id: 62,
        headSha,
        status: 'in_progress',
        createdAt: new Date(Date.now() - 60_000),
      });
      const run = (id: number, attempt = 1) => ({
        env: {
          ...github.env,
          GITHUB_SERVER_URL: 'https://forge.example',
          GITHUB_RUN_ID: String(id),
          GITHUB_RUN_ATTEMPT: String(attempt),
          GITHUB_SHA: headSha,
        },
      });
      await production.register({ bias: 1 });
      await production.run('deploy', {}, run(60));
      await production.register({ bias: 2 });
      await production.run('deploy', {}, run(61));
      const inputs = { ...because, 'github-token': 'ghs_test' };
      for (const [id, attempt] of [
        [59, 1],
        [62, 2],
      ] as const) {
        const step = await production.run('rollback', inputs, run(id, attempt));
        // No first attempt waits for the forge.
        expect(github.requests.length > 0).toBe(attempt > 1);
        expect(step).toMatchObject({
          code: 0,
          outputs: { 'reason-code': 'already-done', version: 'v2.0.0' },
        });
        expect(step.result['message']).toContain(
          "v2.0.0 came after it (tag flight-delay#production#2 by octocat in https://forge.example/acme/flights/actions/runs/61/attempts/1). Nothing was changed. To leave v2.0.0, start a new run, or set 'from: v2.0.0'.",
        );
      }
      const asked = github.requests.length;
      const step = await production.run('rollback', inputs, run(63));
      expect(step).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok', version: 'v1.0.0' } });
      expect(github.requests).toHaveLength(asked);
    } finally {
      await github.stop();
    }
  });

  test('to none takes out the only version there is, and a deployment brings one back', async () => {
    await deployed(2);
    const none = await production.run('rollback', { ...because, to: 'none' });
    expect(none).toMatchObject({
      code: 0,
      outputs: { decision: 'pass', version: '', 'previous-version': 'v2.0.0' },
    });
    expect((await production.served()).version).toBeNull();
    expect(await production.ledgerLive()).toBeUndefined();
    expect(await quarantined()).toEqual(['v2.0.0']);
    expect(await production.locks()).toBe('');
    const again = await production.run('rollback', { ...because, to: 'none' });
    expect(again).toMatchObject({ code: 0, outputs: { 'reason-code': 'already-live', version: '' } });
    expect(await production.run('deploy', { version: 'v1.0.0' })).toMatchObject({ code: 0 });
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
  });

  test('puts back what the ledger says when somebody served another version by hand', async () => {
    await deployed(2);
    await rm(path.join(production.root, 'current'));
    await symlink('releases/v1.0.0', path.join(production.root, 'current'));
    process.kill(production.server.pid, 'SIGHUP');
    while ((await production.served()).version !== 'v1.0.0') await sleep(20);
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({
      code: 0,
      outputs: {
        decision: 'warn',
        'reason-code': 'drifted',
        version: 'v2.0.0',
        'previous-version': 'v1.0.0',
      },
    });
    expect(await production.served()).toEqual({ version: 'v2.0.0', prediction: 2 });
    expect(await quarantined()).toEqual([]);
    const left = await production.run('rollback', { ...because, from: 'v2.0.0' });
    expect(left).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok', version: 'v1.0.0' } });
  });

  test('to the live version does nothing', async () => {
    await deployed(1);
    const step = await production.run('rollback', { ...because, to: 'v1.0.0' });
    expect(step).toMatchObject({ code: 0, outputs: { 'reason-code': 'already-live' } });
    expect(await quarantined()).toEqual([]);
  });

  test('fetches the bytes again when the release is gone from disk', async () => {
    await deployed(2);
    await rm(path.join(production.root, 'releases', 'v1.0.0'), { recursive: true });
    expect(await production.run('rollback', because)).toMatchObject({
      code: 0,
      outputs: { version: 'v1.0.0' },
    });
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
  });

  test('trusts the record of what was staged, and tells afterwards of bytes that are others nevertheless', async () => {
    const [first] = await deployed(2);
    const release = path.join(production.root, 'releases', 'v1.0.0');
    const folder = path.join(release, 'model');
    await writeFile(path.join(folder, 'model.json'), '{"bias": 666}');
    // Whoever can write there can write the record too.
    const record = path.join(release, 'files.json');
    await recordFiles(record, folder, first?.digest ?? '', await lookAtFiles(folder));
    const later = new Date(Date.now() + 60_000);
    await utimes(record, later, later);
    const step = await production.run('rollback', { ...because, verify: 'answers: 1' });
    expect(step).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'evidence-mismatch', version: 'v1.0.0' },
    });
    expect(step.result['message']).toContain('the bytes of v1.0.0 on the target are not those');
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 666 });
    // The way out that the message names.
    await production.run('rollback', { ...because, to: 'v2.0.0', force: 'true' });
    expect(await production.run('deploy', { version: 'v1.0.0' })).toMatchObject({ code: 0 });
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
  });

  test('tells of itself in one incident issue, and is what it is where it may not', async () => {
    const github = new GitHubDouble({ permissions: { issues: 'write' } });
    await github.start();
    try {
      await deployed(3);
      const inputs = { ...because, issue: 'true', 'github-token': 'ghs_test' };
      const env = (run: number) => ({
        env: { ...github.env, GITHUB_SERVER_URL: 'https://forge.example', GITHUB_RUN_ID: String(run) },
      });
      const step = await production.run('rollback', inputs, env(70));
      expect(step).toMatchObject({ code: 0, result: { issue: 'https://github.com/acme/flights/issues/1' } });
      const [issue] = github.state.issues.stored;
      expect(issue?.title).toBe('flight-delay in production: rolled back from v3.0.0');
      for (const text of [
        '| Left | `v3.0.0` |',
        '| Served now | `v2.0.0` |',
        '| Why | predicts nonsense |',
        '| Who | `octocat` |',
        'https://forge.example/acme/flights/actions/runs/70/attempts/1)',
        '**golden**: pass',
        '**switch** pass',
      ])
        expect(issue?.body).toContain(text);
      expect(await production.run('rollback', inputs, env(71))).toMatchObject({ code: 0 });
      expect(github.state.comments).toMatchObject([{ issue: 1 }]);
      expect(github.state.comments[0]?.body).toContain('| Served now | `v1.0.0` |');
      github.state.permit({ issues: 'none', 'pull-requests': 'none' });
      const refused = await production.run('rollback', { ...inputs, to: 'none' }, env(72));
      expect(refused).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'ok' } });
      expect(refused.annotations.map(({ message }) => message).join()).toContain('issues: write');
      expect(github.violations).toEqual([]);
    } finally {
      await github.stop();
    }
  });

  test('passes over a version whose bytes are gone or changed', async () => {
    const [, second] = await deployed(3);
    await rm(path.join(production.root, 'releases', 'v2.0.0'), { recursive: true });
    const entry = path.join(production.store, 'flight-delay', 'sha256', second?.digest ?? '');
    await writeFile(path.join(entry, 'model', 'model.json'), '{"bias": 666}');
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    expect(step.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('v2.0.0 is passed over') as unknown,
      }),
    );
  });

  test('a dry run shows the difference and changes nothing', async () => {
    await deployed(2);
    const tags = await production.repository.tags();
    const step = await production.run('rollback', { ...because, 'dry-run': 'true' });
    expect(step).toMatchObject({
      code: 0,
      outputs: { version: 'v1.0.0', 'previous-version': 'v2.0.0' },
      result: { 'dry-run': true },
    });
    expect(step.summary).toContain('| version | `v2.0.0` | `v1.0.0` |');
    expect(step.summary).toContain('| auc | 0.7200 | 0.7100 |');
    expect(step.stdout).toContain('auc: 0.72 → 0.71');
    expect(await production.repository.tags()).toEqual(tags);
    expect((await production.served()).version).toBe('v2.0.0');
    expect(await production.locks()).toBe('');
  });

  test('undoes a rollout that died, and goes no further', async () => {
    await deployed(2);
    const { version } = await production.register({ bias: 3 });
    await halfDeployed(version);
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({ code: 0, outputs: { version: 'v2.0.0' } });
    expect(step.outputs['result']).toContain('The rollout of v3.0.0 that died');
    expect((await production.served()).version).toBe('v2.0.0');
    expect(await production.ledgerLive()).toBe('v2.0.0');
    expect(await production.locks()).toBe('');
  });
});

/** As a runner that lost power after the switch leaves it: the candidate is served, the ledger does not know. */
async function halfDeployed(version: string): Promise<void> {
  await production.run('deploy', { version });
  await production.repository.remoteGit('tag', '-d', await newestTag());
  await production.placeLock({ candidate: version, before: 'v2.0.0' });
}

async function newestTag(): Promise<string> {
  return production.repository.remoteGit(
    'for-each-ref',
    '--sort=-taggerdate',
    '--count=1',
    '--format=%(refname:strip=2)',
    'refs/tags/flight-delay#*',
  );
}
