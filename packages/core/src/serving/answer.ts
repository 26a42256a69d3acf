import { isVersion } from '../action/names.ts';
import type { ModelServer } from './server.ts';
import { allTo, type Answer } from './target.ts';

/** What a server says it serves; undefined for a target that has none to ask. */
export async function answerOf(server: ModelServer | undefined, signal: AbortSignal): Promise<Answer> {
  if (server === undefined) return { kind: 'not-asked' };
  const answer = await server.version(signal);
  if (answer.kind !== 'answered') return answer;
  if (answer.version !== undefined && !isVersion(answer.version))
    return { kind: 'silent', message: `${server.url} names '${answer.version}', which is no version` };
  return {
    kind: 'answered',
    shares: allTo(answer.version),
    ...(answer.modelDigest === undefined ? {} : { modelDigest: answer.modelDigest }),
  };
}
