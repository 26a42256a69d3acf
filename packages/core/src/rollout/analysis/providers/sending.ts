import { randomInt } from 'node:crypto';
import type { ModelServer, PredictionAnswer } from '../../../serving/server.ts';
import type { Arm, Window } from './kind.ts';
import { countWithin, sendPaced, type Pace } from './pace.ts';
import type { StoredRequest } from './requests.ts';

/** What a section says of the requests that the step sends. */
interface SendingConfig {
  readonly rate?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly 'warm-up'?: number | undefined;
}

const DEFAULT_RATE = 5;
const DEFAULT_CONCURRENCY = 4;
const DEFAULT_WARM_UP = 10;

/** One request, and how both versions answered it at the same time; `stable` is absent where nothing is there to ask. */
export interface Sent {
  readonly request: StoredRequest;
  readonly candidate: PredictionAnswer;
  readonly stable?: PredictionAnswer;
}

/** Sends requests for a window and returns what was answered, or says why nobody can be asked. */
export type Sender = (window: Window, signal: AbortSignal) => Promise<readonly Sent[] | string>;

/**
 * A sender of requests that are drawn from `requests` by chance, so that each window is a sample of all of them. Each version is
 * warmed up once, with requests of which nothing is kept.
 */
export function senderOf(requests: readonly StoredRequest[], config: SendingConfig): Sender {
  const {
    rate = DEFAULT_RATE,
    concurrency = DEFAULT_CONCURRENCY,
    'warm-up': warmUp = DEFAULT_WARM_UP,
  } = config;
  const pace: Pace = { rate, concurrency };
  const warm = new Set<string>();
  const draw = (): StoredRequest => requests[randomInt(requests.length)] as StoredRequest;

  async function warmed({ version, server }: Arm, signal: AbortSignal): Promise<ModelServer | undefined> {
    if (server === undefined || warm.has(version)) return server;
    let isSilent = false;
    await sendPaced(pace, { count: warmUp, ms: Infinity }, signal, async () => {
      // Whoever does not answer is not waited for as often as there are requests.
      if (!isSilent) isSilent = (await server.predict(draw().input, signal)).kind === 'silent';
    });
    warm.add(version);
    return server;
  }

  return async ({ ms, arms }, signal) => {
    const [candidate, stable] = await Promise.all([
      warmed(arms.candidate, signal),
      arms.stable === undefined ? undefined : warmed(arms.stable, signal),
    ]);
    if (candidate === undefined) {
      return `${arms.candidate.version} has no address of its own that requests could be sent to.`;
    }
    const sent: Sent[] = [];
    await sendPaced(pace, { count: countWithin(pace, ms), ms }, signal, async () => {
      const request = draw();
      const [first, second] = await Promise.all([
        candidate.predict(request.input, signal),
        stable?.predict(request.input, signal),
      ]);
      sent.push({ request, candidate: first, ...(second === undefined ? {} : { stable: second }) });
    });
    return sent;
  };
}
