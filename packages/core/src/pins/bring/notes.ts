import { LOCK_FILE, type Pins } from '../lock.ts';
import { movesSince, type Moves } from '../resolve.ts';
import type { MoveCounts } from '../run-record.ts';
import { escapeMarkdown } from '../../report/markdown.ts';
import type { Section } from '../../report/sections.ts';
import { unfolded } from '../../report/summary.ts';

/** How far a bucket has moved on from what is pinned, as numbers. */
export function countMoves({ added, changed, gone }: Moves): MoveCounts {
  return { added: added.length, changed: changed.length, gone: gone.length };
}

/** One sentence for the summary about a pattern that the lock file pins. */
export function pinnedNote(pattern: string, files: number, moves: MoveCounts | undefined): string {
  const read = `${pattern}: ${files} file(s) as pinned in ${LOCK_FILE}.`;
  if (moves === undefined) return `${read} Whether the bucket has moved on is not known.`;
  if (isStill(moves)) return `${read} The bucket has the same.`;
  return `${read} The bucket has moved on since (${describeMoves(moves)}); that is not read.`;
}

/** One sentence for the summary about a pattern that nothing pins. */
export function unpinnedNote(pattern: string, files: number): string {
  return `${pattern}: ${files} file(s) as they were when this run looked first. Nothing pins them: another run may read others. validate-data with 'write-lock: true' writes ${LOCK_FILE}.`;
}

/** What is lost in a bucket that keeps no versions. */
export function unversionedWarning(bucket: string): string {
  return `The bucket '${bucket}' keeps no versions. Once an object there is overwritten or deleted, the data of this run cannot be read again, so nothing trained on it can be made again; an overwritten object is only noticed. Turn versioning on: aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`;
}

/** The same in short, for the summary of every step that reads from it. */
export function unversionedNote(bucket: string): string {
  return `The bucket '${bucket}' keeps no versions: what is overwritten or deleted there cannot be read again.`;
}

/** One sentence about a lock file that was written. */
export function writtenNote(before: Pins | undefined, now: Pins): string {
  if (before === undefined) return `${LOCK_FILE} was written. Commit it.`;
  const all = [...now].map(([pattern, pins]) => countMoves(movesSince(before.get(pattern) ?? [], pins)));
  const sum = all.reduce(
    (a, b) => ({ added: a.added + b.added, changed: a.changed + b.changed, gone: a.gone + b.gone }),
    { added: 0, changed: 0, gone: 0 },
  );
  if (isStill(sum)) return `${LOCK_FILE} was written; no file changed.`;
  return `${LOCK_FILE} was written: ${describeMoves(sum)}. Commit it.`;
}

/** The part of a summary about data in S3; empty when there is none. */
export function notesSection(notes: readonly string[]): Section {
  return unfolded(notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n'));
}

function isStill({ added, changed, gone }: MoveCounts): boolean {
  return added + changed + gone === 0;
}

function describeMoves({ added, changed, gone }: MoveCounts): string {
  return `${added} new, ${changed} changed, ${gone} gone`;
}
