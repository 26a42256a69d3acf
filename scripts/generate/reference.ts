import { code, markdownTable } from './markdown.ts';
import { HOME } from './schemas.ts';

/** What this page reads of a JSON Schema. */
export interface Schema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number | boolean)[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly pattern?: string;
}

/** The actions that read a key and all below it, where no longer path is listed; none stands for all of them. */
export const READERS: Readonly<Record<string, readonly string[]>> = {
  version: [],
  model: [],
  data: ['validate-data'],
  'data.train': ['validate-data', 'train', 'evaluate-gate'],
  'data.test': ['validate-data', 'evaluate-gate'],
  train: ['train'],
  'train.pipeline': ['validate-data', 'train', 'evaluate-gate', 'register-model'],
  'train.model-path': ['train', 'evaluate-gate', 'register-model'],
  'train.metrics': ['train', 'evaluate-gate', 'register-model'],
  'train.predictions': ['train', 'evaluate-gate', 'register-model'],
  gate: ['evaluate-gate'],
  registry: ['register-model', 'evaluate-gate', 'deploy', 'rollback', 'fetch-model'],
  'registry.sse': ['register-model'],
  'registry.kms-key-id': ['register-model'],
  'registry.mlmodel': ['register-model'],
  evidence: ['register-model', 'deploy', 'fetch-model'],
  card: ['register-model'],
  environments: ['deploy', 'rollback', 'fetch-model'],
  'environments.<name>.target': ['deploy', 'rollback'],
  'environments.<name>.strategy': ['deploy'],
  'environments.<name>.verify': ['deploy', 'rollback'],
};

/** A key with its place, and the table it is shown in. */
export interface Key {
  readonly path: string;
  readonly schema: Schema;
  readonly required: boolean;
  /** What tells the variant that the key belongs to from the others, such as `type: directory`. */
  readonly variants: readonly string[];
}

const HEAD = `# Reference of sluice.yaml

All keys, generated from the [schema](../schemas/sluice.schema.json) that the file is checked against. A key that is not here is an
error, with its line, its column and the nearest known key. No section is needed but by the actions that read it, and an input
of a step that is set wins over its key.

With this line at its top, editors with the YAML language server (VS Code, Neovim, IntelliJ and others) complete the file and say
what is wrong as you type:

    # yaml-language-server: $schema=${HOME}/sluice.schema.json

- **Paths** are relative to the folder of the file and have \`/\`.
- **\`\${NAME}\` and \`\${NAME:-default}\`** in paths and URLs under \`registry\` and \`environments\` come from the environment of the step. A
  name that is not set is an error. Nothing else in the file expands.
- **A duration** is a number with a unit: \`80ms\`, \`5s\`, \`2m\`, \`6h\`, \`30d\`. **A share** has a percent sign: \`2%\`.
- **Secrets** do not belong into the file: connections take theirs from the environment of the job.`;

/** The page that lists every key of sluice.yaml. */
export function referencePage(schema: Schema): string {
  const sections = Object.entries(schema.properties ?? {}).map(([name, section]) => {
    const required = schema.required?.includes(name) ?? false;
    const [self, ...inside] = keysOf({ path: name, schema: section, required, variants: [] });
    const keys = inside.length === 0 && self !== undefined ? [self] : inside;
    const about = inside.length === 0 ? '' : escaped(section.description ?? '');
    return [`## ${name}`, `${about} ${readersLine(keys)}`.trim(), ...tablesOf(keys)].join('\n\n');
  });
  return [HEAD, ...sections, ''].join('\n\n');
}

/** A key and all below it, in the order of the schema. */
export function keysOf(key: Key): Key[] {
  return [key, ...below(key.path, key.schema, key.variants)];
}

function below(path: string, schema: Schema, variants: readonly string[]): Key[] {
  const { properties = {}, required = [], additionalProperties, items } = schema;
  const choices = (schema.anyOf ?? schema.oneOf ?? []).filter((choice) => !isPlain(choice));
  return [
    ...Object.entries(properties).flatMap(([name, child]) =>
      keysOf({ path: `${path}.${name}`, schema: child, required: required.includes(name), variants }),
    ),
    ...(typeof additionalProperties === 'object'
      ? below(`${path}.<name>`, additionalProperties, variants)
      : []),
    ...(items === undefined ? [] : below(`${path}[]`, items, variants)),
    ...choices.flatMap((choice) =>
      below(path, choice, choices.length > 1 ? [...variants, variantName(choice)] : variants),
    ),
  ];
}

/** Whether a value has no keys of its own. */
function isPlain(schema: Schema): boolean {
  const { properties, additionalProperties, items, anyOf = [], oneOf = [] } = schema;
  return (
    properties === undefined &&
    typeof additionalProperties !== 'object' &&
    (items === undefined || isPlain(items)) &&
    [...anyOf, ...oneOf].every(isPlain)
  );
}

/** The key whose value or presence tells what something is. */
function variantName({ properties = {}, required = [] }: Schema): string {
  const constant = Object.entries(properties).find(([, { const: value }]) => value !== undefined);
  if (constant !== undefined) return `${constant[0]}: ${String(constant[1].const)}`;
  return required[0] ?? Object.keys(properties)[0] ?? '';
}

function tablesOf(keys: readonly Key[]): string[] {
  const groups = new Map<string, Key[]>();
  for (const key of keys) {
    const title = key.variants.at(-1) ?? '';
    groups.set(title, [...(groups.get(title) ?? []), key]);
  }
  const header = ['key', 'value', 'default', 'what it is', ...(areReadAlike(keys) ? [] : ['read by'])];
  return [...groups].flatMap(([title, group]) => [
    ...(title === '' ? [] : [`### ${commonPath(group)}, with ${code(title)}`]),
    markdownTable(
      header,
      group.map((key) => rowOf(key).slice(0, header.length)),
    ),
  ]);
}

function areReadAlike(keys: readonly Key[]): boolean {
  return new Set(keys.map(({ path }) => (readersOf(path) ?? []).join())).size === 1;
}

/** The part of the path that all keys of a variant share. */
function commonPath(keys: readonly Key[]): string {
  const first = keys[0]?.path ?? '';
  return code(first.slice(0, first.lastIndexOf('.')));
}

function rowOf({ path, schema, required }: Key): string[] {
  const { text, fallback } = describe(schema);
  return [
    code(path),
    valueOf(schema),
    required ? '**required**' : fallback,
    text,
    (readersOf(path) ?? []).join(', '),
  ];
}

/** The last sentence of a description says the default, where there is one. */
function describe({ description = '' }: Schema): { readonly text: string; readonly fallback: string } {
  const [, text = description, fallback = ''] = /^(.*?)\s*Default:? ([^]+?)\.?$/.exec(description) ?? [];
  return { text: escaped(text), fallback: escaped(fallback) };
}

/** What looks like HTML would be gone. */
function escaped(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '\\<') : part))
    .join('`');
}

/** Who reads a key, by the longest path that is listed; undefined where none is. */
export function readersOf(path: string): readonly string[] | undefined {
  const plain = path.replaceAll('[]', '');
  for (let at = plain; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const readers = READERS[at];
    if (readers !== undefined) return readers;
  }
  return undefined;
}

function readersLine(keys: readonly Key[]): string {
  const readers = new Set(keys.flatMap(({ path }) => readersOf(path) ?? []));
  return `Read by ${readers.size === 0 ? 'all actions' : [...readers].join(', ')}.`;
}

/** What may be written, in words. */
export function valueOf(schema: Schema): string {
  const { const: constant, enum: values, items, type } = schema;
  if (constant !== undefined) return code(String(constant));
  if (values !== undefined) return values.map((value) => code(String(value))).join(', ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(valueOf))].join(', or ');
  if (items !== undefined) return `list of: ${valueOf(items)}`;
  if (typeof type === 'object') return type.map((one) => TYPES[one] ?? one).join(', or ');
  if (type === 'string') return stringOf(schema);
  if (type === 'number' || type === 'integer') return `${TYPES[type] ?? type}${rangeOf(schema)}`;
  return TYPES[type ?? ''] ?? 'anything';
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: '`true`, `false`',
  object: 'keys',
};

function stringOf({ pattern = '' }: Schema): string {
  if (pattern.includes('(ms|s|m|h|d)')) return 'duration';
  return pattern.includes('%') ? 'share' : 'text';
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const isLimit = (limit: number | undefined): limit is number =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const parts = [
    ...(isLimit(minimum) ? [`from ${minimum}`] : []),
    ...(isLimit(exclusiveMinimum) ? [`above ${exclusiveMinimum}`] : []),
    ...(isLimit(maximum) ? [`to ${maximum}`] : []),
    ...(isLimit(exclusiveMaximum) ? [`below ${exclusiveMaximum}`] : []),
  ];
  return parts.length === 0 ? '' : ` ${parts.join(' ')}`;
}
