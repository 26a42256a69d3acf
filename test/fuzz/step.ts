import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { Writable } from 'node:stream';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { fileRefusal, isUserError } from '@sluice/core/action/errors.ts';
import type { StepLog } from '@sluice/core/action/log.ts';
import { ROOT, runStep } from '@sluice/testing/action.ts';
import { REASONS as GATE_REASONS } from '../../actions/evaluate-gate/definition.ts';
import { REASONS as DATA_REASONS } from '../../actions/validate-data/definition.ts';

/** What must never happen. */
export class Finding extends Error {
  constructor(what: string, cause?: unknown) {
    super(what, { cause });
    this.name = 'Finding';
  }
}

const nothing = (): undefined => undefined;
const silent: StepLog = {
  info: nothing,
  notice: nothing,
  warning: nothing,
  debug: nothing,
  group: (_title, body) => body(),
  raw: new Writable({ write: (_chunk, _encoding, done) => done() }),
};

export type Files = Readonly<Record<string, string | Buffer>>;
type Inputs = Readonly<Record<string, string>>;

/** Runs `body` in a folder with these files. */
export async function inFolder<T>(files: Files, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-fuzz-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), content);
    }
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The context of a step in this process, with nothing of this machine's environment. */
export function contextIn(folder: string, inputs: Inputs): ActionContext<string> {
  return {
    inputs,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      RUNNER_TEMP: os.tmpdir(),
      SLUICE_DUCKDB_PATH: path.join(
        ROOT,
        'node_modules/@duckdb',
        `node-bindings-${process.platform}-${process.arch}`,
      ),
      MODEL_STORE: path.join(folder, 'store'),
      MODEL_ROOT: path.join(folder, 'served'),
      MODEL_URL: 'http://127.0.0.1:9',
    },
    workspace: folder,
    directory: folder,
    log: silent,
    signal: new AbortController().signal,
  };
}

/** Lets errors for users pass; what else is thrown would be `internal` in a step. */
export async function expectUserErrors(body: () => unknown): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (error instanceof Finding) throw error;
    if (!isUserError(error) && fileRefusal(error) === undefined) throw new Finding('internal', error);
  }
}

type Judging = 'evaluate-gate' | 'validate-data';

interface Ended {
  readonly decision: string;
  readonly reasonCode: string;
  readonly result: Readonly<Record<string, unknown>>;
}

const REASONS: Readonly<Record<Judging, Readonly<Record<string, unknown>>>> = {
  'evaluate-gate': GATE_REASONS,
  'validate-data': DATA_REASONS,
};
const COMMON = [
  'ok',
  'bad-input',
  'bad-config',
  'missing-file',
  'no-permission',
  'service-unavailable',
  'timeout',
];

/** Runs an action in this process as its run loop does. */
export async function judgeHere(action: Judging, files: Files, inputs: Inputs): Promise<void> {
  const { run } = (await import(`../../actions/${action}/run.ts`)) as {
    run: (context: ActionContext<string>) => Promise<Ended>;
  };
  await inFolder(files, (folder) =>
    expectUserErrors(async () => expectHonest(action, await run(contextIn(folder, inputs)))),
  );
}

/** Runs the built action. */
export async function judgeBuilt(action: Judging, files: Files, inputs: Inputs): Promise<void> {
  await inFolder(files, async (folder) => {
    const { MODEL_STORE, SLUICE_DUCKDB_PATH } = contextIn(folder, {}).env;
    const env = { MODEL_STORE: MODEL_STORE ?? '', SLUICE_DUCKDB_PATH: SLUICE_DUCKDB_PATH ?? '' };
    const { code, outputs, result } = await runStep(action, { workspace: folder, inputs, env });
    const decision = outputs['decision'] ?? `none, exit code ${code}`;
    if (code !== (decision === 'pass' || decision === 'warn' ? 0 : 1))
      throw new Finding(`exit code ${code} with decision ${decision}`);
    expectHonest(action, { decision, reasonCode: outputs['reason-code'] ?? 'none', result });
  });
}

function expectHonest(action: Judging, { decision, reasonCode, result }: Ended): void {
  if (!(reasonCode in REASONS[action]) && !COMMON.includes(reasonCode))
    throw new Finding(`the reason '${reasonCode}', which ${action} does not know: ${JSON.stringify(result)}`);
  const isGreen = decision === 'pass' || decision === 'warn';
  const saysSo = decision === 'warn' && UNJUDGED.includes(reasonCode);
  if (isGreen && !saysSo && !holdsVerdict(result))
    throw new Finding(`green (${reasonCode}) without a judged rule: ${JSON.stringify(result).slice(0, 500)}`);
}

/** Warnings that there was nothing to judge by. */
const UNJUDGED = [
  'contract-suggested',
  'different-test-set',
  'new-baseline',
  'no-baseline',
  'unknown-test-set',
];

/** Whether anything was judged: an entry of a list of the result has a verdict that is one. */
function holdsVerdict(result: Readonly<Record<string, unknown>>): boolean {
  const lists = Object.values(result).filter((list) => Array.isArray(list));
  const entries = lists.flat() as (Readonly<Record<string, unknown>> | null)[];
  return entries.some((entry) =>
    ['pass', 'warn', 'fail', 'inconclusive'].includes(String(entry?.['verdict'])),
  );
}
