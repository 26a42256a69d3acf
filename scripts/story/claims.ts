import type { ActRun } from '@sluice/testing/act.ts';
import { readLedger, type LedgerTag } from './ledger.ts';
import { askVersion } from './server.ts';
import { actionRun, verdict, type Teller } from './telling.ts';
import type { World } from './world.ts';

export function claimGreen(tell: Teller, run: ActRun): void {
  const failed = run.steps.filter(({ outcome }) => outcome !== 'success');
  tell.claim(
    'the job is green',
    run.code === 0 && failed.length === 0,
    failed.map(({ name, annotations }) => ({ name, annotations })),
  );
}

export function claimVerdict(
  tell: Teller,
  run: ActRun,
  action: string,
  expected: string,
  text: string,
): void {
  const saw = verdict(run, action);
  tell.claim(`${text}: ${action} says ${saw}`, saw === expected, saw);
}

/** The version is in the ledger, and the server answers with exactly the bytes that were trained. */
export async function claimDelivered(
  world: World,
  tell: Teller,
  run: ActRun,
  version: string,
): Promise<void> {
  const tags = readLedger(world.remote);
  const registered = tags.find(({ name }) => name === `flight-delay@${version}`);
  tell.claim(`the ledger has flight-delay@${version}`, registered !== undefined, tags);
  const assigned = tags.findLast(({ name }) => name.startsWith('flight-delay#production#'));
  tell.claim(
    `and that production runs it since ${assigned?.time}`,
    assigned?.event.includes(version) === true,
    assigned,
  );
  const live = await askVersion(world.server.url);
  tell.claim(`the server answers with ${live.version}`, live.version === version, live);
  const trained = actionRun(run, 'train')?.result['model-digest'];
  tell.claim(
    `and with the bytes that were trained: ${live.modelDigest?.slice(0, 16)}…`,
    trained !== undefined && live.modelDigest === trained,
    { trained, live },
  );
}

export async function claimNothingHappened(
  world: World,
  tell: Teller,
  before: readonly LedgerTag[],
  version: string,
): Promise<void> {
  const names = (tags: readonly LedgerTag[]): string => tags.map(({ name }) => name).join(' ');
  const after = readLedger(world.remote);
  tell.claim(
    'nothing was registered or deployed: the ledger is as before',
    names(after) === names(before),
    names(after),
  );
  const live = await askVersion(world.server.url);
  tell.claim(`the server still answers with ${version}`, live.version === version, live);
}

/** All row numbers that the rules of a result name. */
export function firstRows(rules: unknown): Set<number> {
  const list = (Array.isArray(rules) ? rules : []) as { 'first-rows'?: number[] }[];
  return new Set(list.flatMap((rule) => rule['first-rows'] ?? []));
}
