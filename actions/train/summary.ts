import { argumentsWithoutSecrets } from '@sluice/core/action/secrets.ts';
import { code, details, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';
import { addressOf } from '@sluice/core/evidence/descriptor.ts';
import { notesSection } from '@sluice/core/pins/bring/notes.ts';
import { dependencyFiles, type Story } from './provenance.ts';
import type { Result } from './result.ts';

/** The job summary: verdict sentence, metrics, cache, and folded what the model was made from. */
export function summary(message: string, story: Story, cache: NonNullable<Result['cache']>): string {
  const { made, settings } = story;
  const metrics = Object.entries(made.metrics).map(([name, value]) => [escapeMarkdown(name), String(value)]);
  const faulty = made.notNumeric.map(({ metric }) => [escapeMarkdown(metric), 'not a number']);
  const rows = [...metrics, ...faulty];
  return [
    `### ${escapeMarkdown(settings.model)}: ${verbOf(story, cache)}`,
    escapeMarkdown(message),
    ...(rows.length === 0 ? [] : [table(['Metric', '>Value'], rows)]),
    `Model digest ${code(made.model.sha256)}, ${made.model.files.length} files, ${made.model.bytes} bytes.`,
    cacheLine(cache),
    ...notesSection(story.recorded.s3.notes),
    details('What it was made from', table(['Input', 'Digest'], inputRows(story))),
  ].join('\n\n');
}

function verbOf({ reproduced }: Story, { hit }: NonNullable<Result['cache']>): string {
  if (reproduced !== undefined) return reproduced.lockChanged ? 'reproduced' : 'up to date';
  return hit ? 'restored' : 'trained';
}

/** One sentence about the cache, also for the log. */
export function cacheSentence(cache: NonNullable<Result['cache']>): string {
  if (cache.key === undefined) return `Cache: off, because ${cache.off ?? 'it was not asked for.'}`;
  if (cache.hit) return `Cache: restored by key ${cache.key}.`;
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
