import { answerOf } from './answer.ts';
import type { ModelServer } from './server.ts';
import {
  servedVersion,
  type Answer,
  type LiveState,
  type ServingTarget,
  type TargetWords,
} from './target.ts';

/** What is needed of a target to ask it, and everybody who answers for it, what is served. */
export type Read = Pick<ServingTarget, 'live' | 'words' | 'server' | 'servers'>;

/** A version, with its digest where that is known. */
export interface Expected {
  readonly version: string;
  readonly modelDigest?: string | undefined;
}

/** What a target is set to, and what its front door and every other server answered, all at one moment. */
export interface Reading {
  readonly state: LiveState;
  readonly others: readonly { readonly url: string; readonly answer: Answer }[];
}

/** Everybody who answers for a target, each once, the front door first. */
export function serversOf({ server, servers }: Pick<ServingTarget, 'server' | 'servers'>): ModelServer[] {
  const all = server === undefined ? servers : [server, ...servers];
  return [...new Map(all.map((one) => [one.url, one])).values()];
}

/** Asks a target and all its servers at once. Never throws because one is silent. */
export async function readAll(target: Read, signal: AbortSignal): Promise<Reading> {
  const others = serversOf(target).filter(({ url }) => url !== target.server?.url);
  const [state, ...answers] = await Promise.all([
    target.live(signal),
    ...others.map(async (server) => ({ url: server.url, answer: await answerOf(server, signal) })),
  ]);
  return { state, others: answers };
}

/** Who does not serve what is expected (undefined: nothing) and what it says instead, a clause; undefined when all agree. */
export function disagreement(
  { state, others }: Reading,
  expected: Expected | undefined,
  words: TargetWords,
): string | undefined {
  if (!agrees(state, expected)) return describeState(state, words);
  const other = others.find(({ answer }) => !serves(answer, expected));
  return other === undefined ? undefined : describeAnswer(other.url, other.answer);
}

/** A server that is down serves nothing. */
function agrees(state: LiveState, expected: Expected | undefined): boolean {
  if (state.answer.kind === 'silent') return expected === undefined;
  return servedVersion(state) === expected?.version && hasDigest(state.answer, expected);
}

/** Whether one of several servers serves what is expected, as far as it can say. */
function serves(answer: Answer, expected: Expected | undefined): boolean {
  return answer.kind === 'not-asked' || agrees({ intended: [], answer }, expected);
}

function hasDigest(answer: Answer, expected: Expected | undefined): boolean {
  const told = answer.kind === 'answered' ? answer.modelDigest : undefined;
  return told === undefined || expected?.modelDigest === undefined || told === expected.modelDigest;
}

function describeState(state: LiveState, words: TargetWords): string {
  switch (state.answer.kind) {
    case 'silent':
      return `the last answer was: ${state.answer.message}`;
    case 'not-asked':
      return words.says(servedVersion(state) ?? 'no version');
    case 'answered':
      return describeAnswer('the server', state.answer);
  }
}

function describeAnswer(who: string, answer: Answer): string {
  if (answer.kind === 'not-asked') return `${who} was not asked`;
  if (answer.kind === 'silent') return `${who} does not answer (${answer.message})`;
  const digest = answer.modelDigest === undefined ? '' : ` (sha256:${answer.modelDigest})`;
  return `${who} answers with ${servedVersion({ intended: [], answer }) ?? 'no version'}${digest}`;
}
