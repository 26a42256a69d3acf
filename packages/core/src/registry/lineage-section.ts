import type { Lineage, Act, Deployment, Named } from './lineage.ts';
import { code, escapeMarkdown, withShortDigests } from '../report/markdown.ts';
import type { Section } from '../report/sections.ts';
import { folded } from '../report/summary.ts';

/** Entries shown of each kind; the passport has all. */
const SHOWN = 10;
const NOT_RECORDED = 'not recorded';

/** Where a version comes from and where it went, folded, for a job summary. */
export function lineageSection(lineage: Lineage): Section {
  const {
    code: commit,
    data,
    parameters,
    environment,
    metrics,
    testSet,
    registered,
    deployments,
    leftOut,
  } = lineage;
  const rows = [
    ['Code', commit === undefined ? NOT_RECORDED : code(commit)],
    ['Data', cells(data, leftOut.Data)],
    ['Parameters', cells(parameters, leftOut.Parameters)],
    ['Environment', cells(environment, leftOut.Environment)],
    ['Metrics', cells(mapValues(metrics), leftOut.Metrics)],
    [
      'Test set',
      testSet === undefined
        ? NOT_RECORDED
        : testSet
            .split(' ')
            .map((one) => code(withShortDigests(one)))
            .join(' '),
    ],
    ['Registered', actCell(registered)],
    ['Deployed', deployments.length === 0 ? 'not yet' : deployments.slice(-SHOWN).map(stay).join('; ')],
  ];
  const lines = rows.map(([name, value]) => `- **${name}**: ${value}`);
  return folded(`Lineage of ${lineage.model} ${lineage.version}`, lines.join('\n'));
}

const mapValues = (numbers: Readonly<Record<string, number>>): Named =>
  Object.fromEntries(Object.entries(numbers).map(([name, n]) => [name, String(n)]));

function cells(values: Named | undefined, leftOut = 0): string {
  const entries = Object.entries(values ?? {});
  if (entries.length + leftOut === 0) return NOT_RECORDED;
  const shown = entries
    .slice(0, SHOWN)
    .map(([name, value]) => `${code(name)} ${escapeMarkdown(withShortDigests(value))}`);
  const more = entries.length + leftOut - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

function actCell({ at, by, reason, run, tookOver }: Act): string {
  const parts = [
    at.toISOString(),
    ...(by === undefined ? [] : [`by ${by}`]),
    ...(reason === undefined ? [] : [`(${reason})`]),
    ...(run === undefined ? [] : [`in ${run}`]),
    ...(tookOver === undefined ? [] : [`, ${tookOver}`]),
  ];
  return escapeMarkdown(parts.join(' '));
}

function stay({ environment, began, ended, running }: Deployment): string {
  const end =
    ended === undefined ? (running ? 'still there' : 'until it was deregistered') : `until ${actCell(ended)}`;
  return `${code(environment)} since ${actCell(began)}, ${end}`;
}
