import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { createWriteStream, existsSync } from 'node:fs';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { passedOn } from './environment.ts';
import { actLogReader, type ActStep } from './act-log.ts';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
const STAND_INS = path.join(ROOT, 'packages', 'testing', 'stand-ins');
const OURS = 'sluice-ml/sluice';
/** A workflow or a composite action of ours, which uses others in turn. */
const CALLED = new RegExp(`^${OURS}/(\\.github/workflows/[\\w.-]+\\.yml|action-templates/[\\w-]+)@`);

/** A machine to run workflows on: a scratch folder, and what all its runs share. */
export interface ActRunner {
  /** Holds the runner's home, the artifacts and the logs. */
  readonly scratch: string;
  /** `vars.*` of the workflows. */
  readonly vars: Readonly<Record<string, string>>;
  /** Added to what the steps see, such as GITHUB_API_URL. */
  readonly env?: Readonly<Record<string, string>>;
  /** `secrets.GITHUB_TOKEN`. */
  readonly token?: string;
}

export interface ActRequest {
  /** The checkout, with its remotes. */
  readonly repository: string;
  /** The workflow file, relative to the checkout. */
  readonly workflow: string;
  readonly event: 'push' | 'pull_request' | 'workflow_dispatch' | 'workflow_run';
  /** The event's payload. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Inputs of a workflow_dispatch. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Context of this run alone, such as GITHUB_BASE_REF. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names the log file. */
  readonly title: string;
  /** Told of each step that ended. */
  readonly progress?: (step: ActStep) => void;
}

export interface ActRun {
  /** GITHUB_RUN_ID. */
  readonly id: number;
  /** act's exit code: 0 when every job succeeded. */
  readonly code: number | null;
  readonly steps: readonly ActStep[];
  readonly seconds: number;
  /** The file with everything act and the steps said. */
  readonly log: string;
}

/** The labels that the workflows under test ask for: GitHub's own, and one of a team's machine. */
const RUNNERS = ['ubuntu-latest', 'model-server'];
/** GITHUB_REPOSITORY of every run. */
export const REPOSITORY = 'acme/flight-delay';
let runNumber = 0;
const FIRST_RUN = 1000;

/** Runs a workflow file, unchanged, in act without containers, and reads its JSON log. */
export async function runWorkflow(runner: ActRunner, request: ActRequest): Promise<ActRun> {
  runNumber += 1;
  const logs = path.join(runner.scratch, 'logs');
  await mkdir(logs, { recursive: true });
  const log = path.join(logs, `${String(runNumber).padStart(2, '0')}-${request.title}.ndjson`);
  const id = FIRST_RUN + runNumber;
  const started = performance.now();
  const args = [
    ...(await requestArguments(runner, request, logs)),
    ...(await runnerArguments(runner, request)),
  ];
  const reader = actLogReader(request.progress);
  const code = await runAct(runner, args, log, reader.line);
  return { id, code, steps: reader.steps(), seconds: (performance.now() - started) / 1000, log };
}

async function requestArguments(runner: ActRunner, request: ActRequest, logs: string): Promise<string[]> {
  const payload = path.join(logs, `${String(runNumber).padStart(2, '0')}-${request.title}.event.json`);
  await writeFile(payload, JSON.stringify({ ...request.payload, inputs: request.inputs ?? {} }, null, 2));
  return [
    request.event,
    ...[
      '-C',
      request.repository,
      '-W',
      path.join(request.repository, request.workflow),
      '--eventpath',
      payload,
    ],
    ...flags('--input', request.inputs ?? {}),
    ...flags('--env', {
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_RUN_ID: String(FIRST_RUN + runNumber),
      GITHUB_RUN_NUMBER: String(runNumber),
      STAND_IN_PYTHON: path.join(ROOT, '.venv'),
      STAND_IN_ARTIFACTS: path.join(runner.scratch, 'artifacts'),
      // act's cache service asks for a token of this form and does not check it.
      ACTIONS_RUNTIME_TOKEN: unsignedToken(),
      ...runner.env,
      ...request.env,
    }),
  ];
}

/** act's folder for a run's files. Its tool cache is the project's, so that nothing is fetched twice. */
async function actFolder({ scratch }: ActRunner): Promise<string> {
  const folder = path.join(scratch, 'act');
  if (existsSync(folder)) return folder;
  const tools = path.join(ROOT, '.cache', 'tool-cache');
  await Promise.all([mkdir(folder), mkdir(tools, { recursive: true })]);
  await symlink(tools, path.join(folder, 'tool_cache'));
  return folder;
}

async function runnerArguments(runner: ActRunner, request: ActRequest): Promise<string[]> {
  const local = await localRepositories(runner, path.join(request.repository, request.workflow));
  return [
    '--json',
    ...RUNNERS.flatMap((label) => ['-P', `${label}=-self-hosted`]),
    ...['--actor', 'octocat', '--action-offline-mode', '--concurrent-jobs', '1'],
    ...['--action-cache-path', await actFolder(runner)],
    ...['--cache-server-addr', '127.0.0.1', '--cache-server-path', path.join(runner.scratch, 'cache')],
    ...local.flatMap(([reference, folder]) => ['--local-repository', `${reference}=${folder}`]),
    ...flags('--var', runner.vars),
    ...['-s', `GITHUB_TOKEN=${runner.token ?? ''}`],
  ];
}

function flags(flag: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
}

/** Where each `uses:` of the workflow comes from: this project's build, or a stand-in. */
async function localRepositories(runner: ActRunner, workflow: string): Promise<[string, string][]> {
  const references = new Map<string, string>();
  for (const uses of await usedInAll(workflow)) {
    const [action = '', ref = ''] = uses.split('@');
    const [owner = '', name = ''] = action.split('/');
    const standIn = path.join(STAND_INS, name);
    if (uses.startsWith('./') || action === 'actions/checkout') continue;
    if (`${owner}/${name}` === OURS) {
      references.set(`${OURS}@${ref}`, await slimCopy(path.join(runner.scratch, 'sluice')));
    } else if (owner === 'actions' && existsSync(standIn)) {
      references.set(`${owner}/${name}@${ref}`, standIn);
    } else {
      throw new Error(`${workflow} uses ${uses}, for which packages/testing/stand-ins has no folder.`);
    }
  }
  return [...references];
}

/** Every `uses:` of a workflow, and of what it calls of ours. */
async function usedInAll(file: string): Promise<string[]> {
  const used = usedActions(parse(await readFile(file, 'utf8')));
  const called = used.flatMap((uses) => CALLED.exec(uses)?.[1] ?? []);
  const inner = await Promise.all(
    called.map((name) => usedInAll(path.join(ROOT, name, name.endsWith('.yml') ? '' : 'action.yml'))),
  );
  return [...used, ...inner.flat()];
}

/** Every `uses:` anywhere in a workflow. */
export function usedActions(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(usedActions);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'uses' && typeof value === 'string' ? [value] : usedActions(value),
  );
}

/** The part of this project that a workflow runs; act copies the whole folder for each step. */
async function slimCopy(folder: string): Promise<string> {
  if (existsSync(folder)) return folder;
  for (const part of ['dist', path.join('.github', 'workflows'), 'action-templates'])
    await cp(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  for (const name of await readdir(path.join(ROOT, 'actions'))) {
    const metadata = path.join('actions', name, 'action.yml');
    if (existsSync(path.join(ROOT, metadata)))
      await cp(path.join(ROOT, metadata), path.join(folder, metadata));
  }
  return folder;
}

function unsignedToken(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ ac: '[{"Scope":"refs/heads/main","Permission":3}]' })}.`;
}

/** Starts act with an explicit environment: nothing of the caller's leaks into the steps. */
async function runAct(
  runner: ActRunner,
  args: string[],
  log: string,
  line: (text: string) => void,
): Promise<number | null> {
  const home = path.join(runner.scratch, 'home');
  await mkdir(home, { recursive: true });
  const child = spawn(path.join(ROOT, '.venv', 'bin', 'act'), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...passedOn(),
      // The actions run on the Node that runs this.
      PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? '/usr/bin:/bin'}`,
      HOME: home,
      npm_config_userconfig:
        process.env['npm_config_userconfig'] ?? path.join(process.env['HOME'] ?? home, '.npmrc'),
      npm_config_cache: path.join(ROOT, '.cache', 'npm'),
      NO_COLOR: '1',
    },
  });
  const file = createWriteStream(log);
  child.stdout.pipe(file, { end: false });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  createInterface({ input: child.stdout }).on('line', line);
  const stop = (): void => void child.kill('SIGTERM');
  process.once('exit', stop);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  process.off('exit', stop);
  file.end(`\n${errors}`);
  await finished(file);
  return code;
}
