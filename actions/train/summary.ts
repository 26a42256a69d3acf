import { argumentsWithoutSecrets } from '@sluice/core/action/secrets.ts';
import { code, codeBlock, escapeMarkdown, withShortDigests } from '@sluice/core/report/markdown.ts';
import {
  folded,
  metricsSections,
  unfolded,
  wholeSection,
  type Summary,
} from '@sluice/core/report/summary.ts';
import { formatBytes } from '@sluice/core/transfer/progress.ts';
import { addressOf } from '@sluice/core/evidence/descriptor.ts';
import { notesSection } from '@sluice/core/pins/bring/notes.ts';
import type { Origin } from './entry.ts';
import { dependencyFiles, type Story } from './provenance.ts';
import type { Result } from './result.ts';

/** The job summary: the model, its metrics, the cache, and folded what it was made from. */
export function summaryOf(story: Story, cache: NonNullable<Result['cache']>, verdict: string): Summary {
  const { made, settings, recorded } = story;
  const { sha256, files, bytes } = made.model;
  const digest = `sha256:${sha256}`;
  const size = `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`;
  return {
    headline: { model: settings.model, verdict },
    changed: [
      unfolded(`Model ${code(withShortDigests(digest))}: ${size}.`),
      unfolded(cache.key === undefined ? '' : escapeMarkdown(withShortDigests(cacheSentence(cache)))),
      notesSection(recorded.s3.notes),
    ],
    rest: [
      ...metricsSections(made.metrics),
      wholeSection('Digests, whole', { 'Model digest': digest, 'Key of the cache': cache.key }),
      folded('What it was made from', madeFrom(story, cache)),
    ],
  };
}

/** What became of the model. */
export function verdictOf({ reproduced, origin }: Story, hit: boolean, scheduled: boolean): string {
  const seconds = `in ${origin.seconds.toFixed(1)} s`;
  if (reproduced !== undefined)
    return reproduced.lockChanged ? `was reproduced by DVC ${seconds}` : 'is up to date';
  if (!hit) return `was trained ${seconds}`;
  return scheduled ? 'was not trained again in this scheduled run' : 'was not trained again';
}

/** Whether the time started this run: somebody may count on a new model then. */
export function isScheduled(env: Readonly<NodeJS.ProcessEnv>): boolean {
  return env['GITHUB_EVENT_NAME'] === 'schedule';
}

/** Why the model of an earlier run is here, and in a scheduled run how to have a new one. */
export function restoredBecause({ finishedOn }: Origin, scheduled: boolean): string {
  if (!scheduled) return 'nothing it depends on changed.';
  return `the files of data.train and all else that it depends on are those of ${finishedOn}, when it was made. If the command reads anything else, such as a database, set train.cache to false in sluice.yaml, or the input 'cache'.`;
}

/** So many of the files that the command wrote beside its outputs are named. */
const BESIDE_SHOWN = 3;

/** One sentence about the cache, also for the log. */
export function cacheSentence(cache: NonNullable<Result['cache']>): string {
  if (cache.key === undefined) return `Cache: off, because ${cache.off ?? 'it was not asked for.'}`;
  if (cache.hit) return `Cache: restored by key ${cache.key}.`;
  if (cache.beside !== undefined) {
    const some = cache.beside.slice(0, BESIDE_SHOWN).join(', ');
    return `Cache: the result is not kept, because the command also wrote files beside its outputs (${some}${cache.beside.length > BESIDE_SHOWN ? ', …' : ''}), and these would be missing after a hit. Name them, or their folder, in train.outputs of sluice.yaml or in the input 'outputs'.`;
  }
  if (cache.changed === undefined) return `Cache: nothing stored yet for key ${cache.key}.`;
  const changed = cache.changed.length === 0 ? 'nothing that is recorded' : cache.changed.join(', ');
  return `Cache: no entry for key ${cache.key}; changed since the newest entry: ${changed}.`;
}

/** A list of what is known in words, and the digests of all files, which `sha256sum --check` takes. */
function madeFrom({ settings, recorded, origin }: Story, cache: NonNullable<Result['cache']>): string {
  const { checkout } = recorded;
  const commit = origin.commit ?? (checkout.kind === 'none' ? `none (${checkout.why})` : checkout.commit);
  const facts = [
    ['Command', code(argumentsWithoutSecrets(settings.command.argv).join(' '))],
    ['Commit', `${code(commit)}${origin.dirty ? ' with uncommitted changes' : ''}`],
    ['Python', escapeMarkdown(recorded.python ?? 'not asked')],
    ['Platform', escapeMarkdown(recorded.platform)],
    ...(cache.off === undefined ? [] : [['Cache', `off, because ${escapeMarkdown(cache.off)}`]]),
  ].map(([name, value]) => `- **${name}**: ${value}`);
  const digests = [
    ...(recorded.sources === undefined ? [] : [`${recorded.sources.digest}  (sources)`]),
    ...dependencyFiles(recorded).map(
      ({ path: name, sha256, origin: from }) => `${sha256}  ${from === undefined ? name : addressOf(from)}`,
    ),
  ];
  return [facts.join('\n'), ...(digests.length === 0 ? [] : [codeBlock(digests.join('\n'))])].join('\n\n');
}
