import { argumentsWithoutSecrets } from '@sluice/core/action/secrets.ts';
import { code, details, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';
import { addressOf } from '@sluice/core/evidence/descriptor.ts';
import { notesSection } from '@sluice/core/pins/bring/notes.ts';
import type { Origin } from './entry.ts';
import { dependencyFiles, type Story } from './provenance.ts';
import type { Result } from './result.ts';

/** The job summary: verdict sentence, metrics, cache, and folded what the model was made from. */
export function summary(
  message: string,
  story: Story,
  cache: NonNullable<Result['cache']>,
  scheduled: boolean,
): string {
  const { made, settings } = story;
  const metrics = Object.entries(made.metrics).map(([name, value]) => [escapeMarkdown(name), String(value)]);
  const faulty = made.notNumeric.map(({ metric }) => [escapeMarkdown(metric), 'not a number']);
  const rows = [...metrics, ...faulty];
  return [
    `### ${escapeMarkdown(settings.model)}: ${verbOf(story, cache, scheduled)}`,
    escapeMarkdown(message),
    ...(rows.length === 0 ? [] : [table(['Metric', '>Value'], rows)]),
    `Model digest ${code(made.model.sha256)}, ${made.model.files.length} files, ${made.model.bytes} bytes.`,
    cacheLine(cache),
    ...notesSection(story.recorded.s3.notes),
    details('What it was made from', table(['Input', 'Digest'], inputRows(story))),
  ].join('\n\n');
}

function verbOf({ reproduced }: Story, { hit }: NonNullable<Result['cache']>, scheduled: boolean): string {
  if (reproduced !== undefined) return reproduced.lockChanged ? 'reproduced' : 'up to date';
  if (!hit) return 'trained';
  return scheduled ? 'restored, not trained again on schedule' : 'restored';
}

/** Whether the time started this run: somebody may count on a new model then. */
export function isScheduled(env: Readonly<NodeJS.ProcessEnv>): boolean {
  return env['GITHUB_EVENT_NAME'] === 'schedule';
}

/** Why the model of an earlier run is here, and in a scheduled run how to have a new one. */
export function restoredSentence(model: string, { finishedOn }: Origin, scheduled: boolean): string {
  if (!scheduled) return `${model} was not trained again: nothing it depends on changed.`;
  return `${model} was not trained again in this scheduled run: the files of data.train and all else that it depends on are those of ${finishedOn}, when it was made. If the command reads anything else, such as a database, set train.cache to false in sluice.yaml, or the input 'cache'.`;
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

function cacheLine(cache: NonNullable<Result['cache']>): string {
  return escapeMarkdown(cacheSentence(cache));
}

function inputRows({ settings, recorded, origin }: Story): string[][] {
  const { checkout } = recorded;
  const commit = origin.commit ?? (checkout.kind === 'none' ? `none (${checkout.why})` : checkout.commit);
  return [
    ['command', code(argumentsWithoutSecrets(settings.command.argv).join(' '))],
    ['commit', `${code(commit)}${origin.dirty ? ' with uncommitted changes' : ''}`],
    ['python', escapeMarkdown(recorded.python ?? 'not asked')],
    ['platform', escapeMarkdown(recorded.platform)],
    ...(recorded.sources === undefined ? [] : [['sources', code(recorded.sources.digest)]]),
    ...dependencyFiles(recorded).map(({ path: name, sha256, origin }) => [
      origin === undefined ? escapeMarkdown(name) : code(addressOf(origin)),
      code(sha256),
    ]),
  ];
}
