import * as z from 'zod/mini';
import { parseJson } from '../../../action/json.ts';
import { observe, type Observation } from '../samples.ts';
import type { Window } from './kind.ts';

/** How many requests a version got in a window, and how many of them were not answered well. */
export interface Counts {
  readonly requests: number;
  readonly errors: number;
}

/** Why there are no counts. */
export type Missing = Exclude<Observation, { readonly kind: 'samples' }>;

/** The share of errors in the counts of each version. */
export function errorsOf(candidate: Counts, stable: Counts | undefined): Observation {
  const sums = ({ requests, errors }: Counts) => ({ kind: 'proportion', n: requests, hits: errors }) as const;
  return observe({ candidate: sums(candidate), ...(stable === undefined ? {} : { stable: sums(stable) }) });
}

/** What a server or a program of the team's is asked: the counts of these versions in this time. */
export interface CountsQuestion {
  readonly candidate: string;
  readonly stable?: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly until: string;
}

export function questionOf({ since, ms, arms }: Window): CountsQuestion {
  return {
    candidate: arms.candidate.version,
    ...(arms.stable === undefined ? {} : { stable: arms.stable.version }),
    since: since.toISOString(),
    until: new Date(since.getTime() + ms).toISOString(),
  };
}

const count = z.int().check(z.nonnegative());
const counted = z.object({ version: z.string(), requests: count, errors: count });
/** What a server or a program of the team's answers. */
export const countsAnswer = z.object({
  /** As asked, ISO 8601. */
  since: z.string(),
  until: z.string(),
  candidate: counted,
  stable: z.optional(z.nullable(counted)),
});

const SHAPE =
  '{"since": …, "until": …, "candidate": {"version": …, "requests": 0, "errors": 0}, "stable": …}, with the times and versions of the question';

/**
 * What an answer says to a question. It has to repeat the question's times and versions: an answer about another time or
 * another version, also an old one from a cache, would be counted as samples of this one.
 */
export function readCounts(text: string, asked: CountsQuestion, place: string): Observation {
  const wrong = (what: string): Missing => ({
    kind: 'error',
    message: `${place} ${what}. Wanted is ${SHAPE}.`,
  });
  const parsed = countsAnswer.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    return wrong(`answered no such JSON${where}`);
  }
  const { since, until, candidate, stable } = parsed.data;
  if (!isSameTime(since, asked.since) || !isSameTime(until, asked.until))
    return wrong(`answered for ${since} to ${until}, not for ${asked.since} to ${asked.until}`);
  if (candidate.version !== asked.candidate)
    return wrong(`answered for ${candidate.version} as the candidate, not for ${asked.candidate}`);
  if (stable && stable.version !== asked.stable)
    return wrong(`answered for ${stable.version} as what is live, not for ${asked.stable ?? 'nothing'}`);
  if (candidate.requests === 0) return noRequests(`${place} says`, asked.candidate);
  return errorsOf(candidate, stable ?? undefined);
}

/** The answer that the candidate was asked nothing. */
export function noRequests(who: string, version: string): Missing {
  return { kind: 'no-data', message: `${who} that ${version} got no requests in this time.` };
}

function isSameTime(told: string, asked: string): boolean {
  return Date.parse(told) === Date.parse(asked);
}
