import { PASSPORT } from '@sluice/core/evidence/passport.ts';
import { mkdtemp, truncate, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestModel } from '@sluice/core/digest/model.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { testResultStatement } from '@sluice/core/evidence/statement.ts';
import { planRegistration } from '@sluice/core/ledger/registration.ts';
import { openLedger } from '@sluice/core/ledger/repository.ts';
import type { ModelState } from '@sluice/core/ledger/state.ts';
import { directoryStore } from '@sluice/core/store/directory/store.ts';
import { stepLog } from '@sluice/core/action/log.ts';
import { writeJournal } from '@sluice/core/rollout/journal.ts';
import { claimed } from '@sluice/core/rollout/reduce.ts';
import type { Phase } from '@sluice/core/rollout/state.ts';
import { runStep, type Kill, type StepResult } from './action.ts';
import { silentLog } from './log.ts';
import { startModelServer, writeTestModel, type RunningServer, type TestModel } from './model-server.ts';
import { createRepository, runGit, type TestRepository } from './repository.ts';

/** What the gate came to; `accepted`: it failed on auc, and Ada accepted that on pull request 7. */
type Gate = 'PASSED' | 'FAILED' | 'accepted';

/** What a test may change about a registered version. */
interface Registration extends TestModel {
  /** The golden file that travels with the model; default: what the model answers for x = 1. */
  readonly golden?: string;
  readonly gate?: Gate | 'none';
  /** Bytes of a file of weights beside what the server reads. */
  readonly weights?: number;
}

/** A repository with a remote, a store, and an environment with a running model server. */
export interface Production {
  readonly repository: TestRepository;
  readonly server: RunningServer;
  /** Folder of the directory target. */
  readonly root: string;
  /** Folder of the store. */
  readonly store: string;
  /** Writes sluice.yaml; `changes` replaces parts of the environment `production`, or adds a registry. */
  configure(changes?: { target?: string; verify?: string; registry?: string }): Promise<void>;
  /** Registers a model as register-model would; returns its version and digest. */
  register(registration: Registration): Promise<{ version: string; digest: string }>;
  run(
    action: 'register-model' | 'deploy' | 'rollback' | 'fetch-model',
    inputs?: Readonly<Record<string, string>>,
    options?: {
      env?: Readonly<Record<string, string>>;
      kill?: Kill;
      /** Another checkout than the repository's own clone. */
      workspace?: string;
    },
  ): Promise<StepResult>;
  /** What the server answers: version and the prediction for x = 0. */
  served(): Promise<{ version: string | null; prediction: number | undefined }>;
  ledger(): Promise<ModelState>;
  /** The version that is live by the ledger. */
  ledgerLive(): Promise<string | undefined>;
  /** Refs of rollout locks on the remote. */
  locks(): Promise<string>;
  /** Puts the lock of a rollout by hubot, of which nothing is known but its journal, on the remote. */
  placeLock(rollout: PlacedRollout): Promise<void>;
  /** Places such a lock and gives signs of life, until what it returns is called. */
  keepLock(rollout: PlacedRollout): Promise<() => Promise<void>>;
  remove(): Promise<void>;
}

/** What the journal of a placed lock says. */
interface PlacedRollout {
  readonly kind?: 'deploy' | 'rollback';
  readonly candidate: string;
  /** What is to be served again when it fails, or, of a rollback, what it is to leave. */
  readonly before?: string | undefined;
  readonly phase?: string;
  /** It ended and left something to be settled; else whoever wants to know whether it lives has to watch it. */
  readonly left?: boolean;
  /** Longest time between two signs of life, in ms. Default: as short as nobody has to wait for. */
  readonly every?: number;
}

const MODEL = 'flight-delay';
/** `verify` of an environment where a test waits for a check to fail: the usual 60 s, which a busy machine may need, would be waited out. */
export const IMPATIENT = "{golden: '{model-path}/golden.jsonl', timeout: 1500ms}";
/** What a statement says of a failure that somebody accepted. */
export const ACCEPTED = {
  by: 'ada',
  at: '2026-01-02T03:04:05.000Z',
  label: 'sluice:accept',
  numbers: '0123456789abcdef',
  'pull-request': 7,
};

export async function startProduction(): Promise<Production> {
  const repository = await createRepository();
  const root = path.join(repository.root, 'served');
  const store = path.join(repository.root, 'store');
  const server = await startModelServer(root);
  const quiet = { ...stepLog, info: () => undefined };
  const open = () => openLedger({ directory: repository.workspace, log: quiet });
  const production: Production = {
    repository,
    server,
    root,
    store,
    async configure({ target = '', verify = '', registry = '' } = {}) {
      await repository.write({
        'sluice.yaml': `version: 1
model: ${MODEL}
${registry === '' ? '' : `registry: ${registry}\n`}environments:
  production:
    target: ${target === '' ? `{type: directory, path: '\${MODEL_ROOT}', reload: '${server.reload}', url: '\${MODEL_URL}'}` : target}
    verify: ${verify === '' ? "{golden: '{model-path}/golden.jsonl', timeout: 60s}" : verify}
`,
      });
    },
    async register({ gate = 'PASSED', golden, weights, ...model }) {
      const folder = await writeTestModel(await mkdtemp(path.join(repository.root, 'model-')), model);
      const lines = golden ?? JSON.stringify({ input: { x: 1 }, output: { prediction: 1 + model.bias } });
      await writeFile(path.join(folder, 'golden.jsonl'), lines + '\n');
      if (weights !== undefined) {
        await writeFile(path.join(folder, 'weights.bin'), String(model.bias));
        await truncate(path.join(folder, 'weights.bin'), weights);
      }
      const digest = (await digestModel(folder)).sha256;
      const passport = gate === 'none' ? '' : passportOf(digest, gate);
      const bytes = directoryStore(store, { log: silentLog });
      await bytes.put(MODEL, digest, folder, new Map([[PASSPORT, { text: passport }]]));
      const ledger = await open();
      const commit = await ledger.head();
      const { plan } = await ledger.write(MODEL, (state) =>
        planRegistration(
          state,
          {
            commit,
            modelDigest: digest,
            passportDigest: sha256(passport),
            store: bytes.uri,
            metrics: { auc: 0.7 + model.bias / 100 },
            sluiceVersion: '0.1.0',
            version: { bump: 'major' },
          },
          new Date(),
        ),
      );
      if (plan.kind !== 'write') throw new Error(plan.message);
      return { version: plan.version, digest };
    },
    run: (action, inputs = {}, options = {}) =>
      runStep(action, {
        workspace: options.workspace ?? repository.workspace,
        inputs,
        env: { MODEL_ROOT: root, MODEL_URL: server.url, GITHUB_ACTOR: 'octocat', ...options.env },
        ...(options.kill === undefined ? {} : { kill: options.kill }),
      }),
    async served() {
      const version = (await (await fetch(`${server.url}/version`)).json()) as { version: string | null };
      const answer = await fetch(`${server.url}/predict`, { method: 'POST', body: '{"x": 0}' });
      const body = (await answer.json()) as { prediction?: number };
      return { version: version.version, prediction: body.prediction };
    },
    ledger: async () => (await open()).read(MODEL),
    ledgerLive: async () => (await production.ledger()).environments.get('production')?.live?.version,
    locks: () => repository.remoteGit('for-each-ref', 'refs/sluice/rollouts'),
    placeLock: (rollout) => placeLock(repository, rollout),
    async keepLock(rollout) {
      // Long enough for a busy machine to see one in time.
      const alive = { every: 10_000, ...rollout };
      await placeLock(repository, alive);
      let over = false;
      const beating = (async () => {
        while (!over) {
          await sleep(200);
          await placeLock(repository, alive);
        }
      })();
      return async () => {
        over = true;
        await beating;
      };
    },
    async remove() {
      await server.stop();
      await repository.remove();
    },
  };
  await production.configure();
  return production;
}

function passportOf(digest: string, gate: Gate): string {
  const statement = testResultStatement([{ name: `model:${MODEL}`, sha256: digest }], {
    result: gate === 'accepted' ? 'WARNED' : gate,
    configuration: [],
    ...(gate === 'PASSED' ? {} : { failedTests: ['auc'] }),
    ...(gate === 'accepted' ? { acknowledged: ACCEPTED } : {}),
  });
  return JSON.stringify(statement) + '\n';
}

let signs = 0;

async function placeLock(
  { root, remote }: TestRepository,
  { kind = 'deploy', candidate, before, phase = 'switching', left, every = 500 }: PlacedRollout,
): Promise<void> {
  const file = path.join(root, 'rollout.json');
  const known = before === undefined ? null : { version: before };
  const journal = writeJournal({
    owner: { id: 'x', kind, actor: 'hubot' },
    fence: 1,
    signs: ++signs,
    every,
    since: new Date().toISOString(),
    ...(left === undefined ? {} : { left }),
    rollout: {
      ...claimed(kind, { version: candidate }),
      phase: phase as Phase,
      stable: kind === 'deploy' ? known : null,
      avoid: kind === 'rollback' && before !== undefined ? [before] : [],
    },
  });
  await writeFile(file, JSON.stringify(journal));
  const index = { GIT_INDEX_FILE: path.join(root, 'lock-index') };
  const blob = await runGit(remote, ['hash-object', '-w', file]);
  await runGit(remote, ['update-index', '--add', '--cacheinfo', `100644,${blob},rollout.json`], index);
  const tree = await runGit(remote, ['write-tree'], index);
  const commit = await runGit(remote, ['commit-tree', tree, '-m', 'lock']);
  await runGit(remote, ['update-ref', `refs/sluice/rollouts/${MODEL}/production`, commit]);
}
