import * as path from 'node:path';
import { REPOSITORY, runWorkflow, type ActRequest, type ActRun } from '@sluice/testing/act.ts';
import type { Teller } from './telling.ts';
import type { World } from './world.ts';

/** A project and where its workflows run. */
type Runs = Pick<World, 'git' | 'runner'>;

const WORKFLOWS = path.join('.github', 'workflows');

/** Runs pipeline.yml, or another file, for the commit that main, or another branch, is at. */
export async function pipeline(
  world: Runs,
  tell: Teller,
  title: string,
  { file = 'pipeline.yml', branch = 'main' }: { readonly file?: string; readonly branch?: string } = {},
): Promise<ActRun> {
  const ref = `refs/heads/${branch}`;
  const payload = { ref, after: world.git('rev-parse', 'HEAD'), repository: repository() };
  return workflow(world, tell, { event: 'push', file, title, payload, env: { GITHUB_REF: ref } });
}

/** Runs rollback.yml as the button on GitHub does; `inputs` are those of the button beside the two that each has. */
export async function dispatchRollback(
  world: Runs,
  tell: Teller,
  reason: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<ActRun> {
  return dispatch(world, tell, 'rollback.yml', { environment: 'production', reason, ...inputs });
}

/** Runs a workflow as its button on GitHub does. */
export async function dispatch(
  world: Runs,
  tell: Teller,
  file: string,
  inputs: Readonly<Record<string, string>>,
): Promise<ActRun> {
  return workflow(world, tell, {
    event: 'workflow_dispatch',
    file,
    title: path.parse(file).name,
    payload: { ref: 'refs/heads/main', repository: repository() },
    inputs,
  });
}

/** Runs pull-request.yml, or another file, for a branch that is checked out. */
export async function pullRequestRun(
  world: Runs,
  tell: Teller,
  branch: string,
  { file = 'pull-request.yml', into = 'main' }: { readonly file?: string; readonly into?: string } = {},
): Promise<ActRun> {
  const [base, head] = [world.git('rev-parse', into), world.git('rev-parse', branch)];
  return workflow(world, tell, {
    event: 'pull_request',
    file,
    title: branch,
    payload: {
      action: 'opened',
      number: 1,
      repository: repository(),
      pull_request: {
        number: 1,
        title: branch,
        base: { ref: into, sha: base, repo: repository() },
        head: { ref: branch, sha: head, repo: repository() },
      },
    },
    env: { GITHUB_BASE_REF: into, GITHUB_HEAD_REF: branch, GITHUB_REF: 'refs/pull/1/merge' },
  });
}

type Wish = Omit<ActRequest, 'repository' | 'workflow' | 'progress'> & { readonly file: string };

async function workflow(world: Runs, tell: Teller, { file, ...request }: Wish): Promise<ActRun> {
  const run = await runWorkflow(world.runner, {
    ...request,
    repository: world.git.directory,
    workflow: path.join(WORKFLOWS, file),
    progress: tell.workflow(file),
  });
  tell.finished(file, run);
  return run;
}

function repository(): object {
  const [owner = '', name = ''] = REPOSITORY.split('/');
  return { full_name: REPOSITORY, name, owner: { login: owner }, default_branch: 'main' };
}
