import { ageSeconds, type MaxAge } from './age.ts';
import type { MeasuredBaseline } from '../gate/measured-models.ts';
import type { FoundBaseline } from './found.ts';
import type { BaselineEntry } from '../gate/report/baseline-entry.ts';
import { fallbackText } from '../gate/report/compared-line.ts';
import { whySetAside } from '../gate/set-aside.ts';

/** The baseline as `result` has it. */
export function baselineEntry(found: FoundBaseline, now: number): BaselineEntry {
  if (found.kind === 'none') return null;
  const unknown = { version: null, commit: null, 'age-seconds': null, run: null, 'commits-behind': null };
  if (found.kind === 'committed') return { ...unknown, source: found.source, commit: found.commit };
  if (found.kind !== 'version') return { ...unknown, source: found.source };
  const { record, source, commitsBehind } = found;
  return {
    source,
    version: record.version,
    commit: record.commit,
    'age-seconds': ageSeconds(record, now),
    run: record.trailers.get('Run') ?? null,
    'commits-behind': commitsBehind ?? null,
  };
}

/** Where the baseline comes from, for the log. */
export function baselineLines(found: FoundBaseline): string[] {
  if (found.kind === 'none') return ['There is no baseline:', ...found.tried.map((why) => `  ${why}`)];
  if (found.kind === 'committed') return [`Baseline: ${found.source}, commit ${found.commit}`];
  if (found.kind !== 'version') return [`Baseline: ${found.source}`];
  const { record, source, commitsBehind = 0 } = found;
  const run = record.trailers.get('Run');
  return [
    `Baseline: ${record.version} from ${source}, commit ${record.commit}, registered ${record.registeredAt.toISOString()}`,
    ...(commitsBehind === 0 ? [] : [`  fallback: ${fallbackText(commitsBehind)}`]),
    ...(run === undefined ? [] : [`  run: ${run}`]),
  ];
}

/** Whether the baseline's bytes are those of the candidate; null where one of them is not known. */
export function isSameModel(candidate: string | undefined, found: FoundBaseline): boolean | null {
  const digest = found.kind === 'version' ? found.record.modelDigest : undefined;
  return candidate === undefined || digest === undefined ? null : candidate === digest;
}

/** Says where a model is compared with itself, and what a test set that changed alone leads to. Plain text. */
export function sameModelNotes(
  candidate: string | undefined,
  found: FoundBaseline,
  measured: MeasuredBaseline,
): string[] {
  if (found.kind !== 'version' || isSameModel(candidate, found) !== true) return [];
  const { version } = found.record;
  const same = `Candidate and baseline are the same model: their bytes are those of ${version}. What differs between them is not the model's.`;
  return [
    whySetAside(measured) === undefined
      ? same
      : `${same} No version is registered for it, so ${version} keeps the numbers on its test set: pull requests need gate.on-different-test-set: warn until another model is registered.`,
  ];
}

/** Says how far today's test set is the one that the baseline was judged by. Plain text. */
export function testSetNotes(measured: MeasuredBaseline, found: FoundBaseline): string[] {
  if (measured.kind !== 'present' || found.kind !== 'version') return [];
  const { untested, unscored, sample } = measured;
  const { version } = found.record;
  if (measured.isSameByMd5 === true) {
    return [`That ${version} was measured on today's test set is known by DVC's MD5 alone.`];
  }
  if (unscored !== undefined && sample.kind === 'same') {
    return [
      `${version} cannot be scored by this code, so its stored predictions stand in, which are about today's test set. ${unscored}`,
    ];
  }
  if (untested === undefined) return [];
  if (untested.kind === 'unknown') {
    return [
      `${version} was judged by another test set; how many of today's rows were not in it is not known: ${untested.why}.`,
    ];
  }
  return [
    `${version} was judged by another test set: ${untested.untested} of today's ${untested.rows} rows were not in it, and may be rows that it was trained on.`,
  ];
}

/** What a reader has to know of how the baseline was found. */
export function baselineNotes(found: FoundBaseline, maxAge: MaxAge | undefined): string[] {
  if (found.kind === 'none') return [];
  const notes: string[] = [];
  if ('skipped' in found && found.skipped.length > 0) {
    notes.push(`The baseline is not the first choice. ${found.skipped.join('; ')}.`);
  }
  if (found.kind === 'committed' && found.changedTestSet === undefined) {
    notes.push(
      `Whether ${found.name} at ${found.commit.slice(0, 7)} is about today's test set is not known. Name the files of the test set in data.test (or the input 'data'), and have git or a .dvc file track them, so that a change is seen.`,
    );
  }
  if (found.kind === 'version' && found.why !== undefined) {
    notes.push(`The baseline is older than the merge base: ${found.why}.`);
  }
  if (found.kind !== 'version' && maxAge !== undefined) {
    notes.push(
      `How old the numbers of ${found.source} are is not known, so gate.max-age (${maxAge.text}) was not applied.`,
    );
  }
  return notes;
}
