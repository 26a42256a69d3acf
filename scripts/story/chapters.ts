import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { canary } from './canary.ts';
import { breakData, makeBetter, makeWorse } from './changes.ts';
import { claimDelivered, claimGreen, claimNothingHappened, claimVerdict, firstRows } from './claims.ts';
import { commitAll } from './git.ts';
import { readLedger } from './ledger.ts';
import { dispatchRollback, pipeline, pullRequestRun } from './runs.ts';
import { askPrediction, askVersion } from './server.ts';
import { actionRun, verdict, type Teller } from './telling.ts';
import type { World } from './world.ts';

/** A rollback is over in this time, the start of the job included. */
const ROLLBACK_SECONDS = 15;

/** One part of the story: does something, and checks what it claims. */
export interface Chapter {
  readonly title: string;
  readonly run: (world: World, tell: Teller) => Promise<void>;
}

export const CHAPTERS: readonly Chapter[] = [
  { title: 'A repository with its own remote, and a server without a model', run: beginning },
  { title: 'The first model goes into production', run: firstModel },
  { title: 'A change that makes the model worse is stopped on the pull request', run: worseModel },
  { title: 'A change that makes it better goes into production', run: betterModel },
  { title: 'A canary is stopped by what it predicts', run: canary },
  { title: 'Broken data arrives, and goes no further', run: brokenData },
  { title: 'Back to the last good model, on record', run: rollBack },
];

async function beginning({ git, remote, server }: World, tell: Teller): Promise<void> {
  tell.fact(`the sample project is in ${git.directory}`);
  const head = git('rev-parse', 'HEAD');
  const pushed = remote('rev-parse', 'main');
  tell.claim(`its remote, ${remote.directory}, has its one commit`, pushed === head, pushed);
  const { status } = await askVersion(server.url);
  tell.claim(
    `the model server at ${server.url} runs and says that it has no model yet`,
    status === 503,
    status,
  );
}

async function firstModel(world: World, tell: Teller): Promise<void> {
  const run = await pipeline(world, tell, 'first-model');
  claimGreen(tell, run);
  claimVerdict(tell, run, 'validate-data', 'pass (ok)', 'the data fulfil their contract');
  const first = 'pass (new-baseline)';
  claimVerdict(
    tell,
    run,
    'evaluate-gate',
    first,
    'it keeps the absolute limits, and is flagged as the first',
  );
  await claimDelivered(world, tell, run, 'v1.0.0');
  const golden = await readFile(path.join(world.git.directory, 'tests', 'golden.jsonl'), 'utf8');
  const question = (JSON.parse(golden.split('\n')[0] ?? '') as { input: unknown }).input;
  const answer = await askPrediction(world.server.url, question);
  tell.claim(
    `asked about a flight, the server answers ${JSON.stringify(answer.body)}`,
    answer.status === 200,
    answer,
  );
}

async function worseModel(world: World, tell: Teller): Promise<void> {
  const before = readLedger(world.remote);
  world.git('switch', '--quiet', '--create', 'fewer-features');
  await makeWorse(world.git.directory);
  commitAll(world.git, 'Use fewer features');
  world.git('push', '--quiet', 'origin', 'fewer-features');
  const run = await pullRequestRun(world, tell, 'fewer-features');
  tell.claim('the job is red', run.code !== 0, run.code);
  claimVerdict(tell, run, 'evaluate-gate', 'fail (regression)', 'the gate names a regression');
  const gate = actionRun(run, 'evaluate-gate');
  tell.fact(`the gate says: ${String(gate?.result['message'])}`);
  tell.claim(
    'its summary has the metrics of both models side by side',
    ['auc', 'v1.0.0'].every((word) => gate?.step.summary.includes(word) === true),
    gate?.step.summary,
  );
  await claimNothingHappened(world, tell, before, 'v1.0.0');
  world.git('switch', '--quiet', 'main');
}

async function betterModel(world: World, tell: Teller): Promise<void> {
  await makeBetter(world.git.directory);
  commitAll(world.git, 'Use the plane and the weather as well');
  world.git('push', '--quiet', 'origin', 'main');
  const run = await pipeline(world, tell, 'better-model');
  claimGreen(tell, run);
  claimVerdict(
    tell,
    run,
    'evaluate-gate',
    'pass (ok)',
    'it is at least as good as the champion on the same flights',
  );
  tell.fact(`the gate says: ${String(actionRun(run, 'evaluate-gate')?.result['message'])}`);
  await claimDelivered(world, tell, run, 'v2.0.0');
}

async function brokenData(world: World, tell: Teller): Promise<void> {
  const before = readLedger(world.remote);
  const broken = await breakData(world.git.directory);
  commitAll(world.git, 'Add the latest delivery of flights');
  world.git('push', '--quiet', 'origin', 'main');
  const run = await pipeline(world, tell, 'broken-data');
  tell.claim('the job is red', run.code !== 0, run.code);
  const validation = actionRun(run, 'validate-data');
  tell.claim(
    'validate-data found it',
    validation?.result['decision'] === 'fail',
    verdict(run, 'validate-data'),
  );
  tell.claim('nothing was trained on it', actionRun(run, 'train') === undefined, verdict(run, 'train'));
  const named = firstRows(validation?.result['rules']);
  const rows = {
    'new carrier': broken.newCarrier,
    'row that is there twice': broken.duplicate,
    'shifted row': broken.shifted,
    'ragged line': broken.ragged,
  };
  for (const [what, row] of Object.entries(rows)) {
    tell.claim(`the ${what} is named: row ${row} of ${broken.file}`, named.has(row), [...named]);
  }
  await claimNothingHappened(world, tell, before, 'v2.0.0');
  world.git('revert', '--no-edit', 'HEAD');
  world.git('push', '--quiet', 'origin', 'main');
  tell.fact('the delivery is taken back');
}

async function rollBack(world: World, tell: Teller): Promise<void> {
  const first = await dispatchRollback(world, tell, 'Too many false alarms since this morning');
  claimGreen(tell, first);
  const live = await askVersion(world.server.url);
  tell.claim('the server answers with v1.0.0 again', live.version === 'v1.0.0', live);
  tell.claim(
    `it took ${first.seconds.toFixed(1)} s, the start of the job included`,
    first.seconds < ROLLBACK_SECONDS,
    first.seconds,
  );
  const barred = readLedger(world.remote).filter((tag) => tag.trailers['Quarantine'] === 'true');
  tell.claim(
    'the ledger bars v2.0.0 from production and says why',
    barred.length === 1 && barred[0]?.trailers['Reason'] === 'Too many false alarms since this morning',
    barred,
  );
  const before = readLedger(world.remote);
  const second = await dispatchRollback(world, tell, 'Pressed twice');
  claimVerdict(
    tell,
    second,
    'rollback',
    'fail (nothing-to-roll-back-to)',
    'a second rollback finds nothing further back',
  );
  await claimNothingHappened(world, tell, before, 'v1.0.0');
}
