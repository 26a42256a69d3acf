import type * as z from 'zod/mini';
import { parseLines, parseName } from '../action/names.ts';
import type { GivenPath } from '../action/paths.ts';
import type { gateSection } from '../gate/section.ts';
import type { OnDifferentTestSet } from '../gate/set-aside.ts';
import { parseAge, parseDuration } from '../schema/duration.ts';
import type { MaxAge } from './age.ts';
import { parseSource, type BaselineSource } from './sources/index.ts';

/** Which model the candidate is compared with. */
export interface BaselineSettings {
  /** Tried in order. */
  readonly sources: readonly BaselineSource[];
  /** The environment whose live version is the champion. */
  readonly championEnvironment: string;
  /** Numbers and predictions that were given; with one of them no source is asked. */
  readonly metrics?: GivenPath;
  readonly predictions?: GivenPath;
  /** What to do without a baseline. */
  readonly onMissing: 'absolute-only' | 'warn' | 'fail';
  /** Whose code scores it: what is checked out, or its own commit's. */
  readonly evaluateAt: 'today' | 'its-commit';
  /** What to do where it was measured on another test set. */
  readonly onDifferentTestSet: OnDifferentTestSet;
  readonly maxAge?: MaxAge;
  /** How long the merge base's own version is waited for; absent: not at all. */
  readonly waitMs?: number;
}

/** What only the run knows. */
interface Run {
  /** A source a line, instead of those of the section. */
  readonly sources: string | undefined;
  readonly files: Pick<BaselineSettings, 'metrics' | 'predictions'>;
  /** Whether the run is about what a branch has already; red would then keep every later version from being registered. */
  readonly isMerged: boolean;
}

/** What the section `gate` of sluice.yaml says about the baseline. */
export function readBaselineSettings(
  section: z.infer<typeof gateSection> | undefined,
  { sources: input, files, isMerged }: Run,
): BaselineSettings {
  const written = parseLines(input) ?? section?.baseline ?? ['champion', 'latest'];
  const age = section?.['max-age'];
  const wait = section?.['wait-for-baseline'];
  return {
    ...files,
    championEnvironment: parseName('environment', section?.['champion-environment'] ?? 'production'),
    sources: (typeof written === 'string' ? [written] : written).map(parseSource),
    onMissing: section?.['on-missing-baseline'] ?? 'absolute-only',
    evaluateAt: section?.['evaluate-baseline-at'] ?? 'today',
    onDifferentTestSet: section?.['on-different-test-set'] ?? (isMerged ? 'warn' : 'fail'),
    ...(age === undefined ? {} : { maxAge: { text: age, ms: parseAge(age, 'gate.max-age') } }),
    ...(wait === undefined ? {} : { waitMs: parseDuration(wait, 'gate.wait-for-baseline') }),
  };
}
