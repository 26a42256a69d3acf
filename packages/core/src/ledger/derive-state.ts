import { isVersion } from '../action/names.ts';
import { collectEnvironments } from './environments.ts';
import { parseTag, type TagEvent } from './grammar.ts';
import { LazyTrailers } from './message.ts';
import { collectVersions } from './registered.ts';
import type { Event, LedgerTag, ModelState } from './state.ts';

/** GTO's order of events of the same second. */
const PRIORITY: Readonly<Record<TagEvent['kind'], number>> = {
  creation: 1,
  deprecation: 2,
  registration: 3,
  deregistration: 4,
  assignment: 5,
  unassignment: 6,
};

/**
 * What a model's tags say, by GTO's algorithm (gto 1.10, registry.get_state): annotated tags only, ordered by tagger
 * time; an assignment means the version registered at the commit it points at. Tags of other models are left out.
 */
export function deriveState(model: string, tags: readonly LedgerTag[]): ModelState {
  const events: Event[] = [];
  const takenVersions = new Set<string>();
  const ignored: string[] = [];
  const counters: number[] = [];
  const mentions = new Map<string, string>();
  for (const tag of tags) {
    const event = parseTag(tag.name);
    if (event?.model !== model) continue;
    if ('version' in event) takenVersions.add(event.version);
    else for (const version of versionsIn(tag.message)) mentions.set(version, tag.name);
    counters.push(event.counter ?? 0);
    if (tag.commit === undefined)
      ignored.push(`Tag ${tag.name} ${tag.fault ?? 'is not an annotated tag of a commit'}; it is ignored.`);
    else events.push(dated(event, tag, tag.commit));
  }
  events.sort(byTime);
  const { versions, carriers, problems } = collectVersions(model, events);
  const lost = [...mentions].filter(([version]) => !takenVersions.has(version));
  for (const [version] of lost) takenVersions.add(version);
  const newest = events.at(-1);
  return {
    model,
    versions,
    takenVersions,
    occupied: new Set(carriers.keys()),
    environments: collectEnvironments(events, carriers),
    deprecated: events.findLast(({ kind }) => kind !== 'creation')?.kind === 'deprecation',
    lastCounter: lastCounter(counters),
    ...(newest === undefined ? {} : { newest: newest.at }),
    problems: [...ignored, ...problems, ...lost.map(([version, tag]) => goneSentence(model, version, tag))],
  };
}

/** Versions that the message of an assignment names: what it is about, and what was live before. */
function versionsIn(message: string): string[] {
  const about = /^\S+ (v\S+) (?:is live in|was taken out of) /.exec(message)?.[1];
  const from = message.includes('\nFrom: ') ? /\nFrom: (v\S+)\n/.exec(message)?.[1] : undefined;
  return [about, from].filter((version) => version !== undefined && isVersion(version)) as string[];
}

function goneSentence(model: string, version: string, tag: string): string {
  return `Version ${version} of ${model} was deployed (tag ${tag} says so), but its own tag ${model}@${version} is gone. Its number is not given again; push the tag again from a clone that has it, if it was not meant to go.`;
}

/** Written out, because spreading a hundred thousand objects takes longer than reading them. */
function dated(event: TagEvent, { name, time, message }: LedgerTag, commit: string): Event {
  const { model, counter } = event;
  const trailers = new LazyTrailers(message);
  if ('version' in event) {
    const { kind, version } = event;
    return { kind, model, counter, version, tag: name, commit, at: time, trailers };
  }
  if ('environment' in event) {
    const { kind, environment } = event;
    return { kind, model, counter, environment, tag: name, commit, at: time, trailers };
  }
  return { kind: event.kind, model, counter, tag: name, commit, at: time, trailers };
}

function byTime(a: Event, b: Event): number {
  return a.at.getTime() - b.at.getTime() || PRIORITY[a.kind] - PRIORITY[b.kind] || (a.tag < b.tag ? -1 : 1);
}

/** A counter beyond this is passed over rather than counted on from. */
const LAST_COUNTER = 1e12;

/** Counters only make names unique, so whoever takes the last ones stops nobody from finding the next free two. */
function lastCounter(counters: readonly number[]): number {
  const beyond = new Set(counters.filter((counter) => counter >= LAST_COUNTER));
  let last = counters.reduce((max, counter) => (counter < LAST_COUNTER ? Math.max(max, counter) : max), 0);
  while (beyond.has(last + 1) || beyond.has(last + 2)) last += 1;
  return last;
}
