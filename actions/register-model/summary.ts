import { code, codeBlock, escapeMarkdown, table, withShortDigests } from '@sluice/core/report/markdown.ts';
import type { Section } from '@sluice/core/report/sections.ts';
import {
  folded,
  metricsSections,
  unfolded,
  wholeSection,
  type Summary,
} from '@sluice/core/report/summary.ts';
import { lineageSection } from '@sluice/core/registry/lineage-section.ts';
import { CARD } from './card.ts';
import type { RegisteredVersion, Registration } from './registration.ts';

const ABOUT = {
  model: 'this model',
  inputs: 'data that went into it',
  other: 'something else; not in the passport',
} as const;

/** The job summary: what was registered, on which evidence, and where to look further. */
export function summaryOf(registration: Registration, conclusion: RegisteredVersion, uri: string): Summary {
  const { settings, digest, evidence, findings } = registration;
  const { version, verdict, planned, lineage } = conclusion;
  const rows = evidence.rows.map(({ action, verdict: said, about }) => [
    action,
    escapeMarkdown(said),
    ABOUT[about],
  ]);
  return {
    headline: { model: settings.model, version, verdict },
    changed: [unfolded(factLines(registration, conclusion).join('\n'))],
    rest: [
      unfolded(table(['Evidence', 'Verdict', 'About'], rows)),
      ...metricsSections(findings.metrics),
      wholeSection('Digests and addresses, whole', {
        'Model digest': `sha256:${digest.sha256}`,
        'Passport digest': prefixed(conclusion.passportDigest),
        'Digest of the signature': prefixed(conclusion.attestationDigest),
        Commit: conclusion.commit,
        'Stored in': uri,
      }),
      ...(planned === undefined ? [] : [folded('The tag that would be written', codeBlock(planned))]),
      ...(lineage === undefined ? [] : [lineageSection(lineage)]),
      lookFurther(settings.model, conclusion.tag),
    ],
  };
}

/** What there is now that was not there before. */
function factLines(registration: Registration, conclusion: RegisteredVersion): string[] {
  const { tag, commit, store, created, shown, passportDigest } = conclusion;
  const { findings } = registration;
  const facts = [
    ['Tag', `${code(tag)} at commit ${code(commit.slice(0, 7))}`],
    ['Model', `${code(shortened(registration.digest.sha256))} in ${code(store)}`],
    ['Passport', passportDigest === undefined ? 'not known' : code(shortened(passportDigest))],
    ...signatureFacts(registration, conclusion),
    ...(created && findings.golden !== undefined
      ? [['Golden requests', `${findings.golden.requests}, with the model's own answers`]]
      : []),
    ...(created ? [['Model card', `${code(CARD)}, beside the model`]] : []),
    ...(shown.rows ?? []),
  ];
  return facts.map(([name = '', value = '']) => `- **${name}**: ${value}`);
}

function signatureFacts({ signed }: Registration, { attestationDigest }: RegisteredVersion): string[][] {
  if (attestationDigest === undefined) return [];
  const where = signed === undefined ? '' : `, filed at ${escapeMarkdown(signed.page)}`;
  return [['Signature', `${code(shortened(attestationDigest))}${where}`]];
}

function lookFurther(model: string, tag: string): Section {
  const commands = [
    'git fetch origin --tags',
    `git show --no-patch '${tag}'`,
    `gto show ${model}`,
    `gto history ${model}`,
  ];
  return folded('Look further', codeBlock(commands.join('\n')));
}

const shortened = (digest: string): string => withShortDigests(`sha256:${digest}`);

function prefixed(digest: string | undefined): string | undefined {
  return digest === undefined ? undefined : `sha256:${digest}`;
}
