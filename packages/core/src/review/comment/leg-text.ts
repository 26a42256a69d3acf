import type { Section } from '../../report/sections.ts';
import { STATES, mergeLegs, onlyLeg, type Leg, type Legs } from './legs.ts';

/*
 * A leg's part of the comment as text: HTML comments, which a page does not show, around each section of its report. They
 * are whole lines; what a report says can therefore not be taken for one as long as it does not hold their beginning.
 */

const WEIGHTS = ['verdict', 'finding', 'appendix', 'chart'] as const satisfies readonly Section['weight'][];
const START =
  /^<!-- sluice:leg key="([^"]*)" run=(\d+)\.(\d+)\.([0-9a-f]+) commit=([0-9a-f]+) state=(\w+)(?: numbers=([0-9a-f]+)@(\d+))? -->$/;
const PART = /^<!-- sluice:part (\w+) -->$/;
const END = '<!-- sluice:end -->';

/** Characters that a section of a report costs at most beside its own text. */
export const PART_COST = '<!-- sluice:part appendix -->\n\n\n'.length;

/** Returns a leg as lines, its report as it is. */
export function writeLeg({ key, writer, commit, state, numbers, report }: Leg): string {
  const { run, attempt, id } = writer;
  const shown =
    numbers === undefined ? '' : ` numbers=${numbers.digest}@${Math.floor(numbers.shown.getTime() / 1000)}`;
  return `<!-- sluice:leg key="${key}" run=${run}.${attempt}.${id} commit=${commit} state=${state}${shown} -->\n${writeReport(report)}${END}\n`;
}

/** The sections of a report, each after a line that says what it weighs. */
export function writeReport(report: readonly Section[]): string {
  return report
    .filter(({ markdown }) => markdown.trim() !== '')
    .map(({ weight, markdown }) => `<!-- sluice:part ${weight} -->\n${withoutMarkers(markdown).trim()}\n\n`)
    .join('');
}

/** Returns markdown in which nothing begins like one of our lines; a reader sees no difference. */
export function withoutMarkers(markdown: string): string {
  return markdown.replaceAll('<!-- sluice:', '<!-- sluice\u200b:');
}

/** Reads the legs of a comment; what stands around them, and what is not complete, is left out. */
export function readLegs(text: string): Legs {
  let legs: Legs = new Map();
  let open: Leg | undefined;
  let parts: Section[] = [];
  for (const line of text.split('\n')) {
    const begun = readStart(line);
    const weight = WEIGHTS.find((known) => known === PART.exec(line)?.[1]);
    if (begun !== undefined) {
      open = begun;
      parts = [];
    } else if (line === END && open !== undefined) {
      legs = mergeLegs(legs, onlyLeg({ ...open, report: parts.map(trimmed) }));
      open = undefined;
    } else if (weight !== undefined) {
      parts.push({ weight, markdown: '' });
    } else {
      const last = parts.pop();
      if (last !== undefined) parts.push({ ...last, markdown: `${last.markdown}${line}\n` });
    }
  }
  return legs;
}

function trimmed({ weight, markdown }: Section): Section {
  return { weight, markdown: markdown.trim() };
}

function readStart(line: string): Leg | undefined {
  const [, key = '', run, attempt, id = '', commit = '', word, digest, shown] = START.exec(line) ?? [];
  const state = STATES.find((known) => known === word);
  if (state === undefined) return undefined;
  return {
    key,
    writer: { run: Number(run), attempt: Number(attempt), id },
    commit,
    state,
    ...(digest === undefined ? {} : { numbers: { digest, shown: new Date(Number(shown) * 1000) } }),
    report: [],
  };
}
