import { Random } from './random.ts';
import { SUBJECTS, type Subject } from './subjects.ts';

/** Which inputs a process makes: every `step`-th from `first` on, below `end`. */
export interface Work {
  readonly seed: number;
  readonly first: number;
  readonly step: number;
  readonly end: number;
}

export type Report =
  | { readonly kind: 'began' | 'passed'; readonly index: number; readonly subject: string }
  | { readonly kind: 'found'; readonly index: number; readonly subject: string; readonly what: string };

const TOTAL = SUBJECTS.reduce((sum, { share }) => sum + share, 0);

function subjectFor(random: Random): Subject {
  let at = random.below(TOTAL);
  for (const subject of SUBJECTS) {
    if (at < subject.share) return subject;
    at -= subject.share;
  }
  throw new Error('the shares do not add up');
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  ${described(error.cause)}`;
  return `${error.name === 'Finding' ? error.message : (error.stack ?? error.message)}${cause}`;
}

const tell = (report: Report): unknown => process.send?.(report);

async function work({ seed, first, step, end }: Work): Promise<void> {
  for (let index = first; index < end; index += step) {
    const random = new Random(Math.imul(seed ^ index, 0x9e3779b1) ^ index);
    const { name: subject, run } = subjectFor(random);
    tell({ kind: 'began', index, subject });
    try {
      await run(random);
      tell({ kind: 'passed', index, subject });
    } catch (error) {
      tell({ kind: 'found', index, subject, what: described(error) });
    }
  }
  process.disconnect();
}

// Each input takes the run of an action, and each run cleans up when its process ends.
process.setMaxListeners(0);
process.once('message', (message) => void work(message as Work));
