import type { Shared } from '../../forge/converge.ts';
import { COMMENT_LIMIT, code, table } from '../../report/markdown.ts';
import { fittingSections, type Section } from '../../report/sections.ts';
import { shareOut } from '../../report/share.ts';
import { PART_COST, readLegs, withoutMarkers, writeLeg, writeReport } from './leg-text.ts';
import { STATES, compareLegs, holdsLegs, mergeLegs, type Leg, type LegState, type Legs } from './legs.ts';

/** Address of a run's page; undefined where it has none. */
export type RunAddress = (run: number) => string | undefined;

/** Room for the comment's own first line. */
const MARKER_ROOM = 200;

/** How the jobs of a matrix share the one comment about a model. */
export function sharedLegs(model: string, address: RunAddress): Shared<Legs> {
  return {
    read: readLegs,
    merge: mergeLegs,
    holds: holdsLegs,
    write: (legs) => renderLegs(model, legs, address),
  };
}

/**
 * The text of the comment: every leg's report, before them what they came to when there are several. It is never longer
 * than a comment may be: the longest reports are shortened first, and none for the sake of a longer one. What was said
 * about an earlier commit is left out.
 */
export function renderLegs(model: string, legs: Legs, address: RunAddress): string {
  const newestFirst = [...legs.values()].sort((a, b) => compareLegs(b, a));
  const commit = newestFirst[0]?.commit ?? '';
  const shown = newestFirst
    .map((leg) => (leg.commit === commit ? leg : { ...leg, report: [] }))
    .sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }));
  const overview = shown.length > 1 ? overviewOf(model, shown, commit) : '';
  const frames = shown.reduce((sum, leg) => sum + writeLeg({ ...leg, report: [] }).length, 0);
  const room = COMMENT_LIMIT - MARKER_ROOM - overview.length - frames;
  const wanted = shown.map(({ report }) => writeReport(report).length);
  const shares = shareOut(wanted, room);
  return (
    overview +
    shown.map((leg, i) => writeLeg({ ...leg, report: fitted(leg, shares[i] as number, address) })).join('')
  );
}

/** The report within `room` characters, or nothing where not even the sentence that says where it is fits. */
function fitted({ report, writer }: Leg, room: number, address: RunAddress): readonly Section[] {
  if (writeReport(report).length <= room) return report;
  const rest = pointer(address(writer.run));
  // It may have been shortened before, by another job.
  const parts = report
    .filter(({ markdown }) => markdown !== '' && markdown !== rest)
    .map(({ weight, markdown }) => ({ weight, markdown: withoutMarkers(markdown) }));
  const space = room - rest.length - (parts.length + 1) * PART_COST;
  const kept = fittingSections(parts, space, rest);
  const whole =
    kept.at(-1)?.markdown.endsWith(rest) === true
      ? kept
      : [...kept, { weight: 'verdict' as const, markdown: rest }];
  return writeReport(whole).length <= room ? whole : [];
}

/** Where the rest of a shortened report is. */
export function pointer(address: string | undefined): string {
  return `The report is longer than GitHub shows here. All of it is in the job summary${address === undefined ? '' : ` (${address})`} and in .sluice/gate/report.md.`;
}

const WORD: Readonly<Record<LegState, string>> = {
  error: '**could not be judged**',
  fail: '**fail**',
  accepted: '**fail, acknowledged**',
  warn: '**pass, with warnings**',
  pass: 'pass',
};
const COUNTED: Readonly<Record<LegState, string>> = {
  error: 'could not be judged',
  fail: 'failed',
  accepted: 'failed and accepted',
  warn: 'passed with warnings',
  pass: 'passed',
};

function overviewOf(model: string, legs: readonly Leg[], commit: string): string {
  const at = code(commit.slice(0, 7));
  const current = legs.filter((leg) => leg.commit === commit);
  const counts = STATES.map((state) => [COUNTED[state], current.filter((leg) => leg.state === state).length]);
  const said = [...counts, ['not judged yet', legs.length - current.length]]
    .filter(([, n]) => n !== 0)
    .map(([word, n]) => `${n} ${word}`);
  const rows = legs.map((leg) => [
    leg.key === '' ? '(no key)' : code(leg.key),
    leg.commit === commit
      ? WORD[leg.state]
      : `not judged yet (${COUNTED[leg.state]} at ${code(leg.commit.slice(0, 7))})`,
  ]);
  return `### ${code(model)} at ${at}: ${said.join(', ')}\n\n${table(['Matrix', 'Verdict'], rows)}\n\n`;
}
