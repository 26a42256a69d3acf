import type { Log } from '../action/log.ts';
import { environmentOf, versionOf } from '../ledger/assignment.ts';
import { warnOfProblems } from '../ledger/problems.ts';
import type { ModelState } from '../ledger/state.ts';
import { checkReady, checkSettled } from '../serving/checks.ts';
import { checkEach } from '../serving/each-server.ts';
import { serversOf } from '../serving/reading.ts';
import { describeShares, servedVersion, type LiveState, type Share } from '../serving/target.ts';
import type { Delivery } from './delivery.ts';

/** The ledger's state and what is served, read at once. Warns of tags that do not count. */
export async function look(
  { ledger, target, settings }: Delivery,
  log: Pick<Log, 'warning'>,
  signal: AbortSignal,
): Promise<{ state: ModelState; live: LiveState }> {
  const [state, live] = await Promise.all([ledger.read(settings.model), target.live(signal)]);
  warnOfProblems(state, log);
  return { state, live };
}

/** One sentence: what the ledger, the target and the server say. */
export function describeLive({ settings, target }: Delivery, state: ModelState, live: LiveState): string {
  const ledger = state.environments.get(settings.environment)?.live?.version ?? 'no version';
  const { words } = target;
  const [only, ...others] = live.intended;
  if (others.length > 0) {
    return `${settings.environment}: the ledger says ${ledger}, ${words.says(describeShares(live.intended))}.`;
  }
  const intended = words.says(only?.version ?? 'no version');
  const answer = {
    answered: `, the server answers with ${servedVersion(live) ?? 'no version'}`,
    silent: `, the server does not answer (${live.answer.kind === 'silent' ? live.answer.message : ''})`,
    'not-asked': `; ${words.onlyRead}`,
  }[live.answer.kind];
  return `${settings.environment}: the ledger says ${ledger}, ${intended}${answer}.`;
}

/** What serves, as reported: the server's word, else what the target is set to. One answer tells nothing of traffic that is split. */
export function sharesOf({ answer, intended }: LiveState): readonly Share[] {
  return answer.kind === 'answered' && intended.length <= 1 ? answer.shares : intended;
}

/**
 * Whether a version is live in every sense: the ledger says so, the target is set to it and has its bytes, every server is ready
 * and answers with it several times over a while.
 */
export async function isServed(
  { target, settings }: Delivery,
  state: ModelState,
  live: LiveState,
  version: string,
  signal: AbortSignal,
): Promise<boolean> {
  const ledgerLive = environmentOf(state, settings.environment).live?.version;
  const modelDigest = versionOf(state, version)?.modelDigest;
  const [set, ...others] = live.intended;
  if (ledgerLive !== version || set?.version !== version || others.length > 0) return false;
  if (modelDigest === undefined) return false;
  if (!(await target.holds(version, modelDigest))) return false;
  const servers = serversOf(target);
  if (servers.length === 0) return true;
  const { patience, settle } = settings.verification;
  const once = { ...patience, timeoutMs: 0 };
  const ready = await checkEach(servers, async (server) => [await checkReady(server, 1, once, signal)]);
  if (ready.some(({ verdict }) => verdict !== 'pass')) return false;
  return (await checkSettled(target, { version, modelDigest }, settle, signal)).verdict !== 'fail';
}
