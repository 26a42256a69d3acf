import { sha256 } from '@sluice/core/digest/files.ts';
import { VERSION } from '@sluice/core/action/version.ts';
import type { TrainSettings } from './inputs.ts';
import type { CachePlace } from './cache-place.ts';
import type { Recorded } from './recorded.ts';

/** What the result of a training run depends on, each part as a readable value or a digest. */
export type Parts = Readonly<Record<string, string>>;

/** Whether a run may be skipped, and by which key its result is found again. */
export type CachePlan =
  | { readonly kind: 'on'; readonly place: Kept; readonly key: string; readonly parts: Parts }
  | { readonly kind: 'off'; readonly why: string; readonly parts: Parts };

type Kept = Exclude<CachePlace, { kind: 'none' }>;

/**
 * Decides from what is known of the inputs; a run whose inputs are not all known is never skipped. Only where one may be,
 * a place is looked for.
 */
export async function planCache(
  settings: TrainSettings,
  recorded: Recorded,
  findPlace: () => Promise<CachePlace>,
): Promise<CachePlan> {
  const parts = partsOf(settings, recorded);
  const why = reasonAgainst(settings, recorded);
  if (why !== undefined) return { kind: 'off', why, parts };
  const place = await findPlace();
  if (place.kind === 'none') return { kind: 'off', why: place.why, parts };
  return { kind: 'on', place, parts, key: sha256(JSON.stringify(Object.entries(parts).sort(byName))) };
}

/** Names of the parts that differ, sorted. */
export function changedParts(before: Parts, now: Parts): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => before[name] !== now[name]).sort();
}

function partsOf({ command, outputs, base }: TrainSettings, recorded: Recorded): Parts {
  return {
    // A digest: what is kept of a run must not hold a secret of its command line.
    command: sha256(JSON.stringify(command.argv)),
    folder: command.cwd === base ? '.' : 'working-directory',
    sources: recorded.sources?.digest ?? 'unknown',
    data: recorded.data?.digest ?? 'none',
    params: recorded.params.digest,
    'environment-files': recorded.environment.digest,
    'dvc.lock': recorded.lock.digest,
    python: recorded.python ?? 'not asked',
    platform: recorded.platform,
    outputs: JSON.stringify([
      outputs.model.name,
      outputs.metrics?.name,
      outputs.predictions?.name,
      outputs.others.map(({ name }) => name),
    ]),
    sluice: VERSION,
  };
}

function reasonAgainst(
  { cache, pipeline, namesTrainingData }: TrainSettings,
  recorded: Recorded,
): string | undefined {
  if (!cache) return 'it is switched off.';
  if (pipeline !== undefined) return 'DVC itself skips the stages that did not change.';
  if (recorded.sources === undefined || recorded.sources.files.length === 0) {
    return "the code is not known: there is no git checkout here. Name it in 'sources'.";
  }
  if (!namesTrainingData) {
    return "nobody says what the command is trained on. Where it reads files alone, name them in data.train of sluice.yaml or in the input 'data'; where it reads a database or an address, leave it so.";
  }
  return undefined;
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
