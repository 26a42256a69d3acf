import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { actionRun, verdict } from '../../scripts/story/telling.ts';
import { ROOT } from '../../scripts/story/world.ts';
import type { ActRun } from '@sluice/testing/act.ts';
import { pageFiles, startTeam, type Team } from '@sluice/testing/adopt/team.ts';
import { endServers } from '@sluice/testing/target-servers.ts';

/** Runs of workflows on a busy machine. */
const LONG = 5 * 60_000;
const WORKFLOWS = ['deploy.yml', 'resume.yml'];
const PYTHON = path.join(ROOT, '.venv', 'bin', 'python');

let team: Team;
let front: { process: ChildProcess; url: string };
/** Where production has its models; staging lies beside it. */
let served: string;
beforeAll(async () => {
  team = await startTeam('scikit-learn', { workflow: 'deploy.yml', prepare: addServer });
  served = path.join(team.runner.scratch, 'home', 'models', 'production');
  await mkdir(served, { recursive: true });
  front = await startFront(served);
}, LONG);
afterAll(async () => {
  front.process.kill('SIGKILL');
  await endServers(served);
  await team.leave();
});

/** The team moves its traffic by the sample program, as its page has it, and serves each version by a program of its own. */
async function addServer(project: string): Promise<void> {
  for (const file of ['front.py', 'sluice_target.py'])
    await cp(path.join(ROOT, 'workflows-examples', 'targets', file), path.join(project, 'targets', file));
  await cp(
    path.join(ROOT, 'packages', 'testing', 'churn-server', 'serve.py'),
    path.join(project, 'serve.py'),
  );
}

async function startFront(root: string): Promise<{ process: ChildProcess; url: string }> {
  const program = path.join(ROOT, 'workflows-examples', 'targets', 'front.py');
  const child = spawn('python3', [program, 'serve', '--root', root, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, url: line.toString('utf8').trim() };
}

async function configuration(): Promise<string> {
  const { 'sluice.yaml': config = '' } = await pageFiles('scikit-learn');
  const environments = `environments:
  staging: { target: { type: directory, path: '\${HOME}/models/staging' } }
  production:
    target:
      type: command
      run: 'python3 targets/front.py --serve "${PYTHON} serve.py {root} {port}"'
      path: '\${HOME}/models/production'
      capabilities: [split, probe]
      url: '${front.url}'
      ready: /version
    strategy:
      canary:
        steps: [{ weight: 20, bake: 1s }, { pause: approve }, { weight: 100 }]
        analysis:
          - { provider: probe, requests: tests/requests.jsonl, rate: 50, errors: { max: 0.2 }, min-samples: 30 }
`;
  return config.replace(/^environments:[\s\S]*/m, environments);
}

const requests = ['[3, 2, 98]', '[40, 1, 20]', '[12, 5, 60]'].map(
  (row) => `{"input": {"features": ${row}}}\n`,
);
const depth = (depth: number): Record<string, string> => ({ 'params.json': `{ "max_depth": ${depth} }\n` });

/** What the front door answers so many times, each version once. */
async function answered(times: number): Promise<string[]> {
  const versions = new Set<string>();
  for (let i = 0; i < times; i++) {
    const { version } = (await (await fetch(`${front.url}/version`)).json()) as { version: string };
    versions.add(version);
  }
  return [...versions].sort();
}

/** A new model, and the run that its push to main starts. */
async function deliver(files: Record<string, string>): Promise<ActRun> {
  team.git('switch', '--quiet', 'main');
  await team.commit(files);
  return team.push();
}

test(
  'the first model goes to staging and to production, where all that can be asked agrees',
  async () => {
    const workflows = await Promise.all(
      WORKFLOWS.map(async (name) => [
        `.github/workflows/${name}`,
        await readFile(path.join(ROOT, 'workflows-examples', name), 'utf8'),
      ]),
    );
    const run = await deliver({
      ...(Object.fromEntries(workflows) as Record<string, string>),
      'sluice.yaml': await configuration(),
      'tests/requests.jsonl': requests.join(''),
    });
    expect(run.code).toBe(0);
    // The last of its steps of this kind is the one that verifies.
    expect(verdict(run, 'deploy')).toBe('pass (already-live)');
    expect(await answered(5)).toEqual(['v1.0.0']);
  },
  LONG,
);

test(
  'the second waits in production with a fifth of the requests, until somebody approves',
  async () => {
    const run = await deliver(depth(4));
    expect(run.code).toBe(0);
    expect(verdict(run, 'deploy')).toBe('warn (paused)');
    expect(actionRun(run, 'deploy')?.result).toMatchObject({
      version: 'v2.0.0',
      live: [
        { version: 'v1.0.0', weight: 80 },
        { version: 'v2.0.0', weight: 20 },
      ],
    });
    expect(await answered(200)).toEqual(['v1.0.0', 'v2.0.0']);
    const resumed = await team.dispatch('resume.yml', {
      environment: 'production',
      answer: 'approve',
      reason: 'looks well',
    });
    expect(actionRun(resumed, 'deploy')?.result).toMatchObject({ version: 'v2.0.0' });
    expect(verdict(resumed, 'rollback')).toBe('did not run');
    expect(resumed.code).toBe(0);
    expect(await answered(20)).toEqual(['v2.0.0']);
  },
  LONG,
);

test(
  'the third is taken out again when somebody aborts',
  async () => {
    expect(verdict(await deliver(depth(3)), 'deploy')).toBe('warn (paused)');
    const aborted = await team.dispatch('resume.yml', {
      environment: 'production',
      answer: 'abort',
      reason: 'support sees odd predictions',
    });
    expect(verdict(aborted, 'deploy')).toBe('did not run');
    expect(actionRun(aborted, 'rollback')?.result).toMatchObject({ version: 'v2.0.0' });
    expect(aborted.code).toBe(0);
    expect(await answered(20)).toEqual(['v2.0.0']);
    expect(team.github.violations).toEqual([]);
  },
  LONG,
);
