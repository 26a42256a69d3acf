import { besideModel } from '@sluice/testing/stored-file.ts';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startModelServer } from '@sluice/testing/model-server.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';
import { runGit } from '@sluice/testing/repository.ts';

// Each test makes a repository, registers models and runs steps as processes of their own.
jest.setTimeout(60_000);

let production: Production;
beforeEach(async () => {
  production = await startProduction();
});
afterEach(() => production.remove());

/** What must be true after every step that did not go through. */
async function expectUntouched(version: string | null): Promise<void> {
  expect((await production.served()).version).toBe(version);
  expect(await production.ledgerLive()).toBe(version ?? undefined);
  expect(await production.locks()).toBe('');
}

/** Waits until a server names a version. */
async function serves(url: string, version: string | null): Promise<void> {
  for (;;) {
    const answer = (await (await fetch(`${url}/version`)).json()) as { version: string | null };
    if (answer.version === version) return;
    await sleep(20);
  }
}

async function deployFirst(bias = 1): Promise<void> {
  await production.register({ bias });
  expect(await production.run('deploy')).toMatchObject({ code: 0 });
}

describe('deploy', () => {
  test('puts the first and the second version in service, with evidence, steps and a summary', async () => {
    const first = await production.register({ bias: 1 });
    const one = await production.run('deploy', { reason: 'first model' });
    expect(one).toMatchObject({
      code: 0,
      outputs: {
        decision: 'pass',
        'reason-code': 'ok',
        version: 'v1.0.0',
        'previous-version': '',
        live: '[{"version":"v1.0.0","weight":100}]',
      },
    });
    expect(await readFile(one.outputs['evidence'] ?? '', 'utf8')).toContain(first.digest);
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });

    await production.register({ bias: 2 });
    const two = await production.run('deploy');
    expect(two.outputs).toMatchObject({ version: 'v2.0.0', 'previous-version': 'v1.0.0' });
    expect(await production.served()).toEqual({ version: 'v2.0.0', prediction: 2 });
    expect(two.result).toMatchObject({
      environment: 'production',
      verification: [
        { check: 'version', verdict: 'pass' },
        { check: 'ready', verdict: 'pass' },
        { check: 'golden', verdict: 'pass', cases: 1 },
        { check: 'version', verdict: 'pass' },
      ],
    });
    expect((two.result['steps'] as { name: string; verdict: string }[]).map((s) => s.name)).toEqual([
      'claim',
      'stage',
      'switch',
      'read-back',
      'verify',
      'record',
    ]);
    expect(two.summary).toContain('### `flight-delay` `v2.0.0` is live in production instead of v1.0.0');
    expect(two.summary).toContain('`production`: `v1.0.0` → `v2.0.0`');
    expect(two.summary).toContain('<summary>Lineage of flight-delay v2.0.0</summary>');
    expect(two.summary).toMatch(/^- \*\*Deployed\*\*: `production` since .* by octocat.*still there$/m);
    const environment = (await production.ledger()).environments.get('production');
    expect(environment?.live).toMatchObject({ version: 'v2.0.0', actor: 'octocat' });
    expect(environment?.history[0]?.version).toBe('v1.0.0');
    expect(environment?.history[0]?.trailers.get('Reason')).toBe('first model');
    expect(await production.locks()).toBe('');
  });

  test('says who accepted that the gate failed, before and after', async () => {
    await production.register({ bias: 1, gate: 'accepted' });
    const said =
      'The gate of this model failed (auc), and that was accepted by ada on 2026-01-02 (pull request 7).';
    for (const inputs of [{ 'dry-run': 'true' }, {}]) {
      const step = await production.run('deploy', inputs);
      expect(step.code).toBe(0);
      expect(step.stdout).toContain(said);
      expect(step.summary.replaceAll('\\', '')).toContain(said);
    }
  });

  test('does nothing when the version is live and answers, and deploys again when something else does', async () => {
    await deployFirst();
    const again = await production.run('deploy');
    expect(again).toMatchObject({ code: 0, outputs: { 'reason-code': 'already-live', decision: 'pass' } });
    await rm(path.join(production.root, 'current'));
    process.kill(production.server.pid, 'SIGHUP');
    const anew = await production.run('deploy');
    expect(anew).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok' } });
    expect(anew.outputs['result']).toContain('it was not served as the ledger says');
    expect(await production.served()).toMatchObject({ version: 'v1.0.0' });
    expect((await production.ledger()).environments.get('production')?.history).toHaveLength(1);
  });

  test('serves nothing again when the very first version fails', async () => {
    await production.register({ bias: 1, faults: { status: 500 } });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'verification-failed', live: '[]' } });
    await expectUntouched(null);
    expect(await readdir(production.root)).not.toContain('current');
  });

  test('fails a model that accepts malformed input', async () => {
    await production.register({ bias: 1, golden: '{"input": {"x": 1}, "status": 400}' });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'verification-failed' } });
    expect(step.outputs['result']).toContain('malformed-input');
  });

  test('gives up on a URL that never answers and says what it last saw', async () => {
    await production.configure({
      target: `{type: directory, path: '\${MODEL_ROOT}', url: 'http://127.0.0.1:9'}`,
      verify: '{timeout: 1s}',
    });
    await production.register({ bias: 1 });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'verification-failed' } });
    expect(step.outputs['result']).toContain('Waited 1 s for v1.0.0');
    expect(step.outputs['result']).toContain('127.0.0.1:9');
    expect(await readdir(production.root)).not.toContain('current');
    await expectUntouched(null);
  });

  test('warns without a url that only the link could be read', async () => {
    await production.configure({ target: `{type: directory, path: '\${MODEL_ROOT}'}`, verify: '{}' });
    await production.register({ bias: 1 });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'not-verified' } });
    expect(step.annotations[0]?.message).toContain(
      "no url is set, so only the link 'current' was read, not the server: nothing was verified",
    );
  });

  test('warns of a model that was deprecated, until its own tag ends that', async () => {
    await deployFirst();
    await production.register({ bias: 2 });
    const { repository } = production;
    await repository.git('fetch', '--quiet', '--tags', 'origin');
    // Later than the ledger's own tags, which may be dated some seconds ahead.
    const date = { GIT_COMMITTER_DATE: new Date(Date.now() + 60_000).toISOString() };
    const tag = ['tag', '-m', 'Deprecating', 'flight-delay@deprecated', 'flight-delay@v2.0.0^{}'];
    await runGit(repository.workspace, tag, date);
    await repository.git('push', '--quiet', 'origin', 'refs/tags/flight-delay@deprecated');
    const warned = { code: 0, outputs: { decision: 'warn', 'reason-code': 'deprecated', version: 'v2.0.0' } };
    const dry = await production.run('deploy', { 'dry-run': 'true' });
    expect(dry).toMatchObject(warned);
    expect((await production.served()).version).toBe('v1.0.0');
    const step = await production.run('deploy');
    expect(step).toMatchObject(warned);
    expect(step.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining(
          'flight-delay is deprecated (tag flight-delay@deprecated)',
        ) as unknown,
      }),
    );
    expect(step.summary).toContain('The ledger said that flight-delay is deprecated');
    expect((await production.served()).version).toBe('v2.0.0');
    await production.register({ bias: 3 });
    expect(await production.run('deploy')).toMatchObject({ outputs: { 'reason-code': 'ok' } });
  });

  test('works from inputs alone', async () => {
    await production.register({ bias: 1 });
    await rm(path.join(production.repository.workspace, 'sluice.yaml'));
    const step = await production.run('deploy', {
      model: 'flight-delay',
      environment: 'staging',
      target: `{type: directory, path: '\${MODEL_ROOT}', url: '\${MODEL_URL}', reload: '${production.server.reload}'}`,
      verify: '{ready-count: 1}',
    });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'not-verified' } });
    expect(step.result['message']).toContain('set verify.golden');
    expect((await production.ledger()).environments.get('staging')?.live?.version).toBe('v1.0.0');
  });
});

describe('deploy and rollback work', () => {
  test('in a shallow checkout with a detached HEAD, as actions/checkout makes it', async () => {
    const { repository } = production;
    await repository.commit('Configure');
    await production.register({ bias: 1 });
    await repository.commit('Change');
    await production.register({ bias: 2 });
    await repository.commit('Change again');
    const workspace = await repository.clone('--depth=1', '--no-tags');
    await runGit(workspace, ['checkout', '--quiet', '--detach']);
    for (const version of ['v1.0.0', 'v2.0.0'])
      expect(await production.run('deploy', { version }, { workspace })).toMatchObject({ code: 0 });
    const step = await production.run('rollback', { reason: 'bad' }, { workspace });
    expect(step).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
    expect(await runGit(workspace, ['tag', '--list'])).toBe('');
  });
});

describe('deploy that cannot go back', () => {
  test('shouts, and the next run undoes it when the server is there again', async () => {
    await deployFirst();
    await production.register({ bias: 2 });
    await production.configure({
      target: `{type: directory, path: '\${MODEL_ROOT}', url: '\${MODEL_URL}', reload: 'kill -KILL ${production.server.pid}'}`,
      verify: '{timeout: 1s}',
    });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'restore-failed' } });
    expect(step.annotations[0]?.message).toMatch(/^LOOK AT production NOW/);
    expect(await production.ledgerLive()).toBe('v1.0.0');
    expect(await production.locks()).toContain('refs/sluice/rollouts/flight-delay/production');

    const server = await startModelServer(production.root);
    await production.configure({
      target: `{type: directory, path: '\${MODEL_ROOT}', url: '${server.url}', reload: '${server.reload}'}`,
    });
    const next = await production.run('rollback', { reason: 'the server was down' });
    await server.stop();
    expect(next).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    expect(next.outputs['result']).toContain('going back to v1.0.0');
    expect(await production.ledgerLive()).toBe('v1.0.0');
    expect(await production.locks()).toBe('');
  });
});

describe('a server of several replicas', () => {
  test('is live when all of them are: one that lags behind is named, and healed later', async () => {
    const { root, server } = production;
    const [second, third] = [await startModelServer(root), await startModelServer(root)];
    const urls = [server.url, second.url, third.url];
    const configure = (pids: readonly number[], timeout: string) =>
      production.configure({
        target: `{type: directory, path: '\${MODEL_ROOT}', urls: ['${urls.join("', '")}'], reload: 'kill -HUP ${pids.join(' ')}'}`,
        verify: `{golden: '{model-path}/golden.jsonl', timeout: ${timeout}}`,
      });
    const all = [server.pid, second.pid, third.pid];
    try {
      await configure(all, '60s');
      await deployFirst();
      await configure([server.pid, second.pid], '2s');
      await production.register({ bias: 2 });
      const stale = await production.run('deploy');
      expect(stale).toMatchObject({ code: 1, outputs: { 'reason-code': 'rolled-back' } });
      expect(stale.result['message']).toContain(`${third.url} answers with v1.0.0`);
      expect(stale.result['message']).toContain('v1.0.0 is served as before');
      await expectUntouched('v1.0.0');

      await configure(all, '60s');
      const whole = await production.run('deploy');
      expect(whole).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok', version: 'v2.0.0' } });
      expect(whole.summary).toContain('Each of 3 servers answered with v2.0.0');
      expect(whole.result['verification']).toContainEqual(
        expect.objectContaining({ check: 'golden', verdict: 'pass', cases: 3 }),
      );
      expect((await production.run('deploy')).outputs['reason-code']).toBe('already-live');

      await rm(path.join(root, 'current'));
      process.kill(third.pid, 'SIGHUP');
      await serves(third.url, null);
      await symlink('releases/v2.0.0', path.join(root, 'current'));
      const healed = await production.run('deploy');
      expect(healed).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok' } });
      expect(healed.result['message']).toContain('it was not served as the ledger says');
    } finally {
      await Promise.all([second.stop(), third.stop()]);
    }
  });
});

describe('a server with a form of its own', () => {
  test('is asked in it, and one that cannot say its version is not verified', async () => {
    await production.configure({
      verify: `{golden: '{model-path}/golden.jsonl', version-path: none, protocol: {template: {request: {x: '{input}'}, answer: prediction}}}`,
    });
    await production.register({ bias: 1, golden: '{"input": 1, "output": 2}' });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'not-verified' } });
    expect(step.result['message']).toContain('the server cannot say its version');
    expect(step.result['message']).toContain('It predicts as it should');
    expect(step.result['verification']).toMatchObject([
      { check: 'version', verdict: 'not-checked' },
      { check: 'ready', verdict: 'pass' },
      { check: 'golden', verdict: 'pass', cases: 1 },
      { check: 'version', verdict: 'not-checked' },
    ]);
  });
});

describe('deploy refuses', () => {
  test('while a living rollout holds the lock, and takes over from a dead one or by force', async () => {
    await deployFirst();
    await production.register({ bias: 2 });
    const rollout = { candidate: 'v2.0.0', before: 'v1.0.0' };
    const stop = await production.keepLock(rollout);
    const locked = await production.run('deploy');
    await stop();
    await production.placeLock(rollout);
    expect(locked).toMatchObject({ code: 1, outputs: { 'reason-code': 'locked', decision: 'fail' } });
    expect(locked.outputs['result']).toContain('the deploy to v2.0.0 by hubot since');
    expect((await production.served()).version).toBe('v1.0.0');

    // Its journal stops changing, which is all that anybody can see of a death.
    const over = await production.run('deploy');
    expect(over).toMatchObject({ code: 0, outputs: { version: 'v2.0.0' } });
    expect(over.stdout).toContain('Watching whether a rollout lives');
    expect(over.stdout).toContain('Taking over from a rollout that died');
    expect(over.summary).toContain('going back to v1');
    expect(await production.locks()).toBe('');

    await production.placeLock({ kind: 'rollback', candidate: 'v1.0.0', before: 'v2.0.0', phase: 'staging' });
    const forced = await production.run('deploy', { version: 'v1.0.0', force: 'true' });
    expect(forced).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    expect(forced.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('Taking the lock from a rollout that may be running') as unknown,
      }),
    );
  });

  test('a version whose bytes are gone', async () => {
    const { digest } = await production.register({ bias: 1 });
    await rm(path.join(production.store, 'flight-delay', 'sha256', digest), { recursive: true });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'missing-file' } });
    await expectUntouched(null);
  });

  test('bytes that were changed in the store', async () => {
    const { digest } = await production.register({ bias: 1 });
    const entry = path.join(production.store, 'flight-delay', 'sha256', digest);
    await writeFile(path.join(entry, 'model', 'model.json'), '{"bias": 666}');
    const step = await production.run('deploy');
    expect(step).toMatchObject({
      code: 1,
      outputs: { 'reason-code': 'evidence-mismatch', decision: 'fail' },
    });
    await expectUntouched(null);
  });

  test('a passport that was changed, is missing, or says the gate failed', async () => {
    const { digest } = await production.register({ bias: 1 });
    const passport = await besideModel(
      path.join(production.store, 'flight-delay/sha256', digest),
      'passport.jsonl',
    );
    await writeFile(passport, (await readFile(passport, 'utf8')).replace('PASSED', 'WARNED'));
    expect((await production.run('deploy')).outputs['reason-code']).toBe('evidence-mismatch');
    await rm(passport);
    expect((await production.run('deploy')).outputs['reason-code']).toBe('evidence-missing');
    await production.register({ bias: 2, gate: 'none' });
    expect((await production.run('deploy')).outputs['reason-code']).toBe('evidence-missing');
    await production.register({ bias: 3, gate: 'FAILED' });
    expect((await production.run('deploy')).outputs['reason-code']).toBe('evidence-failed');
    await expectUntouched(null);
  });

  test('a model without any version', async () => {
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'unknown-version', decision: 'fail' } });
    expect(step.outputs['result']).toContain('Register one with register-model first');
  });
});
