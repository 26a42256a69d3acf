import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { isCode } from '../action/file-kind.ts';
import { isInside } from '../action/paths.ts';
import { hashFiles } from '../digest/parallel.ts';
import type { Entry } from '../dvc/entry.ts';
import type { Lock } from '../dvc/lock-file.ts';
import { definitionOf, type PipelineFile } from '../dvc/pipeline-file.ts';
import { readLock } from '../dvc/pipeline-status.ts';
import { isAddress } from '../dvc/project.ts';
import type { Resolved } from './given.ts';
import type { Pipeline } from './pipeline.ts';

/** The data that a stage measured on, by its entry in dvc.lock. */
export interface LockedTestSet {
  /** As dvc.lock has it. */
  readonly name: string;
  /** Where it lies, or would lie. */
  readonly absolute: string;
  readonly stage: string;
  /** `md5:` or `md5-dos2unix:` with the hex, and `.dir` behind that of a folder. */
  readonly md5: string;
  readonly entry: Entry;
}

interface Measured {
  /** Absolute path of the numbers. */
  readonly file: string;
  /** Absolute path of the model. */
  readonly model?: string | undefined;
}

/**
 * What the stage that wrote a file of numbers read beside code and the model. Only where that is one thing it is the test
 * set: of several, one could stay the same while another changes.
 */
export function measuredOn(
  lock: Lock,
  { file, folder }: { readonly file: PipelineFile; readonly folder: string },
  { file: numbers, model }: Measured,
): Resolved<LockedTestSet> & { readonly out?: Entry } {
  for (const [stage, { deps, outs }] of lock) {
    const wdir = definitionOf(file, stage)?.wdir ?? '.';
    if (wdir.includes('${')) continue;
    const at = (entry: Entry): string => path.resolve(folder, wdir, entry.path);
    const out = outs.find((entry) => at(entry) === numbers);
    if (out === undefined) continue;
    const isModel = (entry: Entry): boolean =>
      model !== undefined && (isInside(at(entry), model) || isInside(model, at(entry)));
    const data = deps.filter((entry) => isAddress(entry.path) || (!isCode(entry.path) && !isModel(entry)));
    const [only, ...others] = data;
    if (only === undefined) return { kind: 'none' };
    if (others.length > 0 || only.md5 === undefined) {
      return { kind: 'ambiguous', candidates: data.map((entry) => entry.path) };
    }
    const md5 = md5Of(only);
    return { kind: 'found', value: { name: only.path, absolute: at(only), stage, md5, entry: only }, out };
  }
  return { kind: 'none' };
}

/** An entry's digest with how it was made, so that two kinds are never equal. */
export function md5Of({ algorithm, md5 = '' }: Pick<Entry, 'algorithm' | 'md5'>): string {
  return `${algorithm}:${md5}`;
}

/**
 * The test set that all of these numbers were measured on, as dvc.lock recorded it, or why it is not known. Numbers that
 * are not those which the stage wrote prove nothing; undefined where no stage wrote them.
 */
export async function lockedTestSet(
  pipeline: Pipeline,
  numbers: readonly string[],
  model: string | undefined,
): Promise<LockedTestSet | { readonly problem: string } | undefined> {
  const lock = await readLock(pipeline.project, pipeline.folder);
  const found: LockedTestSet[] = [];
  for (const file of numbers) {
    const measured = measuredOn(lock, pipeline, { file, model });
    if (measured.kind === 'none') return undefined;
    if (measured.kind === 'ambiguous') {
      const read = measured.candidates.join(', ');
      return {
        problem: `The stage that wrote the numbers read ${read}. Set data.test to the one that they are about.`,
      };
    }
    const { out, value } = measured;
    // Whoever reads the numbers says that they are not there.
    if ((await stat(file).catch(() => undefined))?.isFile() !== true) return undefined;
    const [hashed] = await hashFiles([file], out?.algorithm ?? 'md5');
    if (hashed?.hex !== out?.md5) {
      return {
        problem: `dvc.lock is not about ${path.basename(file)} as it is here. Run 'dvc repro', or set data.test.`,
      };
    }
    found.push(value);
  }
  const [first] = found;
  return found.every(({ md5, absolute }) => md5 === first?.md5 && absolute === first.absolute)
    ? first
    : { problem: 'Metrics and predictions are about different data. Set data.test.' };
}
