import { stringify } from 'yaml';
import type { CardConfig } from '@sluice/core/config/sections/card.ts';
import type { Making } from '@sluice/core/evidence/making.ts';
import { code, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';
import type { EvidenceRow } from '@sluice/core/evidence/rows.ts';

/** Name of the card beside the model, as the Hugging Face Hub expects it. */
export const CARD = 'README.md';

/** How a tag names a card with this sha256 (hex). */
export const cardLink = (digest: string): string => `${CARD} sha256:${digest}`;

/** What a card tells. */
export interface CardFacts {
  readonly model: string;
  /** What the team says of the model in sluice.yaml. */
  readonly said: CardConfig;
  readonly metrics: Readonly<Record<string, number>>;
  /** Digest (hex) of the test set that the metrics were measured on, where it is known. */
  readonly testSet: string | undefined;
  readonly making: Making | undefined;
  readonly evidence: readonly EvidenceRow[];
  readonly modelDigest: string;
  readonly passportDigest: string;
  readonly commit: string;
  readonly run: string | undefined;
}

/** The model card in the format of the Hugging Face Hub: metadata in YAML with `model-index`, then Markdown. */
export function modelCard(facts: CardFacts): string {
  const { model, said, metrics, making, evidence, commit } = facts;
  const data = Object.entries(making?.data ?? {}).map(([name, digest]) => [code(name), code(digest)]);
  return [
    `---\n${frontMatter(facts)}---`,
    `# ${model}`,
    `Registered by Sluice from commit ${code(commit)}.`,
    `## Intended use\n\n${said['intended-use'] ?? 'Not stated.'}`,
    `## Limitations\n\n${said.limitations ?? 'Not stated.'}`,
    `## Metrics\n\n${tableOr('None was recorded.', ['Metric', '>Value'], metricRows(metrics))}`,
    `## Training data\n\n${tableOr('Not recorded.', ['File', 'Digest'], data)}`,
    `## Evidence\n\n${table(
      ['Evidence', 'Verdict'],
      evidence
        .filter(({ about }) => about !== 'other')
        .map(({ action, verdict }) => [action, escapeMarkdown(verdict)]),
    )}`,
    `Model digest ${code(`sha256:${facts.modelDigest}`)}, passport ${code(`sha256:${facts.passportDigest}`)}.`,
    '',
  ].join('\n\n');
}

function tableOr(otherwise: string, header: readonly string[], rows: readonly string[][]): string {
  return rows.length === 0 ? otherwise : table(header, rows);
}

function metricRows(metrics: CardFacts['metrics']): string[][] {
  return Object.entries(metrics).map(([name, value]) => [escapeMarkdown(name), String(value)]);
}

/** huggingface.co/docs/hub/model-cards: the keys of the Hub's metadata; a result needs a task and a data set. */
function frontMatter({ model, said, metrics, testSet, run }: CardFacts): string {
  const { license, task, library, tags = [] } = said;
  const names = Object.keys(metrics);
  const results = {
    task: { type: task ?? 'other' },
    dataset: {
      type: model,
      name: 'test set',
      ...(testSet === undefined ? {} : { revision: `sha256:${testSet}` }),
    },
    metrics: Object.entries(metrics).map(([type, value]) => ({ type, name: type, value })),
    ...(run === undefined ? {} : { source: { name: 'Workflow run', url: run } }),
  };
  const metadata = {
    model_name: model,
    ...(license === undefined ? {} : { license }),
    ...(task === undefined ? {} : { pipeline_tag: task }),
    ...(library === undefined ? {} : { library_name: library }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(names.length === 0 ? {} : { metrics: names, 'model-index': [{ name: model, results: [results] }] }),
  };
  return forYaml11(
    stringify(metadata, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 }),
  );
}

/** The Hub's readers know YAML 1.1, where 1e-7 is a text and 1.0e-7 a number; every text is quoted here. */
function forYaml11(yaml: string): string {
  return yaml.replace(/^(\s*value: -?\d+)(e[+-]\d+)$/gm, '$1.0$2');
}
