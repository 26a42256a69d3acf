import { compareFirst, type Carrier } from './registered.ts';
import type { Assignment, Dated, EnvironmentState, Event, Hold, LiveVersion } from './state.ts';
import type { TagEvent } from './grammar.ts';

/** What the assignments say about each environment; `events` ascending, `carriers` by commit. */
export function collectEnvironments(
  events: readonly Event[],
  carriers: ReadonlyMap<string, Carrier>,
): Map<string, EnvironmentState> {
  const histories = new Map<string, Assignment[]>();
  for (const event of events) {
    if (event.kind !== 'assignment' && event.kind !== 'unassignment') continue;
    const history = histories.get(event.environment) ?? [];
    histories.set(event.environment, history);
    history.push(assignment(event, carriers.get(event.commit)?.version ?? event.commit));
  }
  return new Map([...histories].map(([name, history]) => [name, environmentState(history, carriers)]));
}

function assignment(event: Extract<TagEvent, { environment: string }> & Dated, version: string): Assignment {
  return {
    kind: event.kind,
    version,
    commit: event.commit,
    at: event.at,
    tag: event.tag,
    trailers: event.trailers,
  };
}

function why({ trailers }: Pick<Dated, 'trailers'>): { reason?: string; actor?: string } {
  const reason = trailers.get('Reason');
  const actor = trailers.get('Actor');
  return { ...(reason === undefined ? {} : { reason }), ...(actor === undefined ? {} : { actor }) };
}

function environmentState(
  history: readonly Assignment[],
  carriers: ReadonlyMap<string, Carrier>,
): EnvironmentState {
  const live = liveAssignment(history, carriers);
  const hold = holdOf(history);
  return {
    ...(live === undefined ? {} : { live: liveVersion(live) }),
    history,
    quarantined: quarantinedVersions(history),
    ...(hold === undefined ? {} : { hold }),
  };
}

/**
 * The latest assignment among the active versions whose own last event here is an assignment. Of several in one second
 * gto takes the version that was registered first, and so does this.
 */
function liveAssignment(
  history: readonly Assignment[],
  carriers: ReadonlyMap<string, Carrier>,
): Assignment | undefined {
  const seen = new Set<string>();
  let best: Assignment | undefined;
  for (const event of history.toReversed()) {
    if (best !== undefined && event.at.getTime() < best.at.getTime()) break;
    const isLast = !seen.has(event.commit);
    seen.add(event.commit);
    if (!isLast || event.kind !== 'assignment' || carriers.get(event.commit)?.active === false) continue;
    if (best === undefined || order(event, best, carriers) < 0) best = event;
  }
  return best;
}

/** Which of two assignments of one second gto comes to first. */
function order(a: Assignment, b: Assignment, carriers: ReadonlyMap<string, Carrier>): number {
  const [left, right] = [carriers.get(a.commit), carriers.get(b.commit)];
  const time = (left?.registeredAt ?? a.at).getTime() - (right?.registeredAt ?? b.at).getTime();
  if (time !== 0) return time;
  if (left !== undefined && right !== undefined) return compareFirst(left, right);
  if (left === undefined && right === undefined) return a.tag < b.tag ? -1 : 1;
  return left === undefined ? 1 : -1;
}

function liveVersion(event: Assignment): LiveVersion {
  return { version: event.version, since: event.at, tag: event.tag, ...why(event) };
}

function quarantinedVersions(history: readonly Assignment[]): Set<string> {
  const quarantined = new Set<string>();
  for (const event of history) {
    if (event.kind === 'unassignment' && event.trailers.get('Quarantine') === 'true') {
      quarantined.add(event.version);
    } else if (event.kind === 'assignment' && event.trailers.get('Release-Quarantine') === 'true') {
      quarantined.delete(event.version);
    }
  }
  return quarantined;
}

/** The hold that nobody released; an event that says both holds, which is the careful reading. */
function holdOf(history: readonly Assignment[]): Hold | undefined {
  const last = history.findLast(
    ({ trailers }) => trailers.get('Hold') === 'true' || trailers.get('Release-Hold') === 'true',
  );
  if (last?.trailers.get('Hold') !== 'true') return undefined;
  return { since: last.at, tag: last.tag, ...why(last) };
}
