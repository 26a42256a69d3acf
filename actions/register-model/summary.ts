import { code, details, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';
import { CARD } from './card.ts';
import type { RegisteredVersion, Registration } from './registration.ts';
import { lineageSection } from '@sluice/core/registry/lineage-section.ts';

const ABOUT = {
  model: 'this model',
  inputs: 'data that went into it',
  other: 'something else; not in the passport',
} as const;

/** The job summary: verdict sentence, what was registered, on which evidence, and where to look further. */
export function renderSummary(
  registration: Registration,
  conclusion: RegisteredVersion,
  uri: string,
): string {
  const { settings, digest, evidence, findings } = registration;
  const facts = table(
    ['', ''],
    [
      ['Version', code(conclusion.version)],
      ['Tag', code(conclusion.tag)],
      ['Commit', code(conclusion.commit)],
      ['Model digest', code(`sha256:${digest.sha256}`)],
      ['Passport digest', code(`sha256:${conclusion.passportDigest ?? 'unknown'}`)],
      ...signatureRows(registration, conclusion),
      ['Stored in', code(uri)],
      ...(conclusion.created ? [['Model card', `${code(CARD)}, beside the model`]] : []),
      ...(conclusion.shown.rows ?? []),
    ],
  );
  const metrics = Object.entries(findings.metrics).map(([name, value]) => [
    escapeMarkdown(name),
    String(value),
  ]);
  return [
    `### register-model: ${escapeMarkdown(conclusion.message)}`,
    facts,
    table(
      ['Evidence', 'Verdict', 'About'],
      evidence.rows.map(({ action, verdict, about }) => [action, escapeMarkdown(verdict), ABOUT[about]]),
    ),
    ...(metrics.length === 0 ? [] : [details('Metrics', table(['Metric', '>Value'], metrics))]),
    ...(conclusion.planned === undefined
      ? []
      : [details('The tag that would be written', `${fence(conclusion.planned)}`)]),
    ...(conclusion.lineage === undefined ? [] : [lineageSection(conclusion.lineage).markdown]),
    details(
      'Look further',
      fence(
        [
          'git fetch origin --tags',
          `git show --no-patch '${conclusion.tag}'`,
          `gto show ${settings.model}`,
          `gto history ${settings.model}`,
        ].join('\n'),
      ),
    ),
    '',
  ].join('\n\n');
}

function signatureRows({ signed }: Registration, { attestationDigest }: RegisteredVersion): string[][] {
  if (attestationDigest === undefined) return [];
  const where = signed === undefined ? '' : `, filed at ${escapeMarkdown(signed.page)}`;
  return [['Signature', `${code(`sha256:${attestationDigest}`)}${where}`]];
}

/** A code block that its content cannot end. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}text\n${text.trimEnd()}\n${marks}`;
}
