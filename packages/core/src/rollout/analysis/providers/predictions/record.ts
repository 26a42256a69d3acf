import { appendBelow } from '../../../../action/below.ts';
import type { Arms } from '../kind.ts';
import type { Pair, Pick } from './pairs.ts';

/** Keeps predictions by id until their labels come. */
export type Recorder = (pairs: readonly Pair[], arms: Arms) => Promise<void>;

/** Appends the predictions of both versions to a file below `root`, each once: JSON Lines of {"id", "version", "prediction"}. */
export function recorderTo(root: string, file: string, prediction: Pick): Recorder {
  const written = new Set<string>();
  return async (pairs, { candidate, stable }) => {
    const lines: string[] = [];
    const keep = (id: string, version: string, answer: unknown): void => {
      const value = prediction.of(answer);
      const key = JSON.stringify([id, version]);
      if (value === undefined || written.has(key)) return;
      written.add(key);
      lines.push(`${JSON.stringify({ id, version, prediction: value })}\n`);
    };
    for (const { id, ...answers } of pairs) {
      if (id === undefined) continue;
      keep(id, candidate.version, answers.candidate);
      if (stable !== undefined) keep(id, stable.version, answers.stable);
    }
    if (lines.length === 0) return;
    await appendBelow(root, file, lines.join(''));
  };
}
