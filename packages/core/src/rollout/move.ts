import type { Patience } from '../action/retry.ts';
import { checkVersion, type Check } from '../serving/checks.ts';
import type { Read } from '../serving/reading.ts';
import { sameShares } from '../serving/shares.ts';
import {
  DriftedError,
  FencedError,
  type Fence,
  type LiveState,
  type ServingTarget,
  type Share,
  type Traffic,
} from '../serving/target.ts';
import { EffectError, type Done } from './run.ts';
import type { RolloutState } from './state.ts';

/** How long to wait for a server to let go of the very first candidate. */
const LET_GO_MS = 5_000;

/** Moves the traffic. Throws FencedError, DriftedError, and EffectError with how the target is set after what failed. */
export async function shift(
  target: ServingTarget,
  traffic: Traffic,
  fence: Fence,
  { phase, generation }: RolloutState,
  signal: AbortSignal,
): Promise<Done> {
  const { shares } = traffic;
  try {
    await target.shift(traffic, { fence, generation }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FencedError || error instanceof DriftedError) throw error;
    throw new EffectError(error, await movedTo(target, shares));
  }
  const message = `${describeTraffic(traffic)}${phase === 'switching-back' ? ' again' : ''}.`;
  // A target that names its set-up has another name for it now.
  if (generation === undefined) return { message };
  try {
    return { message, generation: (await target.live(signal)).generation };
  } catch (error) {
    signal.throwIfAborted();
    // The traffic has moved all the same, and what serves decides.
    throw new EffectError(error, { moved: 'yes' });
  }
}

function describeTraffic({ shares, mirror, route, key }: Traffic): string {
  const [only, ...others] = shares;
  const to =
    others.length === 0
      ? `All traffic goes to ${only?.version ?? 'nothing'}`
      : `The traffic goes to ${shares.map(({ version, weight }) => `${version} (${weight} %)`).join(' and ')}`;
  const more = [
    ...(key === undefined ? [] : [`split by ${key}`]),
    ...(mirror === undefined ? [] : [`copies of ${mirror.percent} % to ${mirror.version}`]),
    ...(route === undefined ? [] : [`requests with ${route.header}: ${route.value} to ${route.version}`]),
  ];
  return [to, ...more].join(', ');
}

/** After a shift that failed: whether the target is set as asked, which a server that can be asked may still follow. */
async function movedTo(
  target: Pick<ServingTarget, 'live'>,
  shares: readonly Share[],
): Promise<Pick<RolloutState, 'moved' | 'generation'>> {
  const live = await target.live(new AbortController().signal).catch(() => undefined);
  // What failed first is what is told; where the traffic goes is not known then.
  if (live === undefined) return { moved: 'unknown' };
  const { intended, answer, generation } = live;
  const named = generation === undefined ? {} : { generation };
  if (!sameShares(intended, shares)) return { moved: 'no', ...named };
  return { moved: answer.kind === 'not-asked' && shares.length > 0 ? 'unknown' : 'yes', ...named };
}

/** Throws DriftedError where the target is not as this run set it up. */
export function requireSame(generation: string, { intended, generation: found }: LiveState): void {
  if (found === generation) return;
  const now = intended.map(({ version, weight }) => `${version} (${weight} %)`).join(', ');
  throw new DriftedError(`the target was set to ${now === '' ? 'nothing' : now} by somebody else`);
}

/**
 * Whether nothing is served any more. A server that answers with no version or not at all serves nothing; one that still
 * names a version keeps it in its memory.
 */
export async function checkNothing(target: Read, patience: Patience, signal: AbortSignal): Promise<Check> {
  const timeoutMs = Math.min(LET_GO_MS, patience.timeoutMs);
  return checkVersion(target, undefined, { ...patience, timeoutMs }, signal);
}
