import { closest, distance } from 'fastest-levenshtein';
import { LineCounter, type Document } from 'yaml';
import type * as z from 'zod/mini';
import { UserError, errorMessage } from '../action/errors.ts';
import { LIMITS, type TextLimit } from '../action/limits.ts';
import { readDocument } from './document.ts';

/** Which text is being parsed, for messages: `sluice.yaml`, `input 'rules'`. */
interface Source {
  readonly name: string;
  /** Code of the error thrown for it. */
  readonly reason: 'bad-config' | 'bad-input';
  /** Default: what people write by hand. */
  readonly limit?: TextLimit;
}

/**
 * Parses YAML text against a schema. Throws UserError naming source, line and column, the value found, what is
 * allowed, and for an unknown key the nearest known one.
 */
export function parseYaml<S extends z.ZodMiniType>(text: string, schema: S, source: Source): z.infer<S> {
  const lines = new LineCounter();
  const { document, fault, offset } = readDocument(text, source.limit ?? LIMITS.settings, {
    lineCounter: lines,
  });
  if (fault !== undefined) {
    const { line, col } = lines.linePos(offset ?? 0);
    const place = offset === undefined ? '' : `:${line}:${col}:`;
    throw new UserError(source.reason, `${source.name}${place} ${fault}`);
  }
  const parsed = schema.safeParse(plainValue(document, source), { reportInput: true });
  if (parsed.success) return parsed.data;
  const problem = describeIssue(named(deepest(parsed.error.issues[0] as z.core.$ZodIssue)), schema);
  const { line, col } = lines.linePos(offsetOf(document, problem.path));
  const place = problem.path.length === 0 ? '' : `${problem.path.join('.')}: `;
  throw new UserError(source.reason, `${source.name}:${line}:${col}: ${place}${problem.text}`);
}

/** Tells the 1-based line of what is at a path in YAML text; of what encloses it, where it is not there. */
export function linesOf(text: string): (path: readonly PropertyKey[]) => number {
  const lines = new LineCounter();
  const { document } = readDocument(text, LIMITS.records, { lineCounter: lines });
  if (document === undefined) return () => 1;
  return (path) => lines.linePos(offsetOf(document, path)).line;
}

/** Aliases may repeat a node, but not blow a small text up to a huge value. */
function plainValue(document: Document, source: Source): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new UserError(source.reason, `${source.name}: not usable YAML: ${errorMessage(error)}.`);
  }
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

/** In a union, the branch that got furthest is the one the user meant; of equals, one that knows all the keys. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const branches = issue.errors.flatMap((branch) => {
    const [inner] = branch;
    if (inner === undefined) return [];
    const own = deepest({ ...inner, path: [...issue.path, ...inner.path] });
    return [{ own, hasUnknownKey: branch.some(({ code }) => code === 'unrecognized_keys') }];
  });
  const furthest = branches.sort(
    (a, b) => weight(b.own) - weight(a.own) || Number(a.hasUnknownKey) - Number(b.hasUnknownKey),
  )[0]?.own;
  // A key that is missing tells little where the union says by itself what it takes.
  const least = isSaid(issue) ? weight(issue) + 1 : weight(issue);
  return furthest !== undefined && weight(furthest) > least ? furthest : issue;
}

/** Whether a union has a message of its own, which begins with `expected`. */
const isSaid = ({ message }: z.core.$ZodIssue): boolean => message.startsWith('expected ');

/** A union whose members are told apart by a key is about the value of that key. */
function named(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.inclusive === false) return issue;
  if (issue.discriminator === undefined) return issue;
  const { message, path, discriminator, options = [] } = issue;
  const input = (issue.input as Readonly<Record<string, unknown>>)[discriminator];
  return { code: 'invalid_value', values: options, path, message, input };
}

/** A key that is missing says little: another branch may not have it at all. */
function weight(issue: z.core.$ZodIssue): number {
  if (issue.input === undefined) return (issue.path.length - 1) * 2 + 0.5;
  return issue.path.length * 2 + (issue.code === 'unrecognized_keys' ? 1 : 0);
}

function describeIssue(issue: z.core.$ZodIssue, schema: z.ZodMiniType): Problem {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = knownKeys(schema, issue.path);
    if (known.includes(key)) {
      return { path: [...issue.path, key], text: `the key '${key}' does not go with the others here.` };
    }
    const nearest = known.length === 0 ? undefined : closest(key, known);
    const hint =
      nearest !== undefined && distance(key, nearest) <= Math.max(2, key.length / 2)
        ? ` Did you mean '${nearest}'?`
        : '';
    return {
      path: [...issue.path, key],
      text: `unknown key '${key}'.${hint}${known.length === 0 ? '' : ` Known keys: ${known.join(', ')}.`}`,
    };
  }
  return { path: issue.path, text: `${expectation(issue)}${found(issue.input)}` };
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}`;
    case 'invalid_value':
      return `expected ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `expected ${issue.inclusive ? 'at least' : 'more than'} ${String(issue.minimum)}${units(issue.origin)}`;
    case 'too_big':
      return `expected at most ${String(issue.maximum)}${units(issue.origin)}`;
    case 'invalid_union':
      return isSaid(issue) ? issue.message : `expected ${allowedForms(issue.errors).join(' or ')}`;
    default:
      return issue.message;
  }
}

/** What the branches of a union ask for, where none of them got further than the value itself. */
function allowedForms(branches: readonly (readonly z.core.$ZodIssue[])[]): string[] {
  const forms = branches.flatMap(([first]) => {
    if (first === undefined || first.path.length > 0) return [];
    if (first.code === 'invalid_union') return allowedForms(first.errors);
    return [expectation(first).replace(/^expected (?:one of )?/, '')];
  });
  return [...new Set(forms)];
}

function units(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
}

function found(input: unknown): string {
  if (input === undefined) return ', found nothing. Add the key.';
  const shown = typeof input === 'number' ? String(input) : JSON.stringify(input);
  return `, found ${shown.length > 80 ? `${shown.slice(0, 77)}…` : shown}.`;
}

/** The keys the schema knows at a path, for the hint; walks objects, records, arrays, optionals and unions. */
function knownKeys(schema: z.ZodMiniType, at: readonly PropertyKey[]): string[] {
  let level: z.core.$ZodType[] = [schema];
  for (const step of at) level = level.flatMap((s) => childAt(s, step));
  return [...new Set(level.flatMap((s) => objectShapes(s).flatMap((shape) => Object.keys(shape))))];
}

function childAt(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType[] {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case 'optional':
    case 'nullable':
      return childAt(def.innerType, step);
    case 'union':
      return def.options.flatMap((option) => childAt(option, step));
    case 'array':
      return typeof step === 'number' ? [def.element] : [];
    case 'record':
      return [def.valueType];
    case 'object': {
      const child = def.shape[String(step)];
      return child === undefined ? [] : [child];
    }
    default:
      return [];
  }
}

function objectShapes(schema: z.core.$ZodType): Readonly<Record<string, unknown>>[] {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  if (def.type === 'object') return [def.shape];
  if (def.type === 'optional' || def.type === 'nullable') return objectShapes(def.innerType);
  return def.type === 'union' ? def.options.flatMap(objectShapes) : [];
}

/** Offset of the deepest node on the path that exists; the key's own place for an unknown key. */
function offsetOf(document: Document, at: readonly PropertyKey[]): number {
  for (let length = at.length; length > 0; length--) {
    const parent = document.getIn(at.slice(0, length - 1), true) as
      { items?: { key?: YamlNode; value?: YamlNode }[] } | undefined;
    const last = at[length - 1];
    const pair = parent?.items?.find((item) => item.key?.value === last);
    if (pair?.key?.range) return pair.key.range[0];
    const node = document.getIn(at.slice(0, length), true) as YamlNode | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}

interface YamlNode {
  readonly value?: unknown;
  readonly range?: readonly [number, number, number] | null;
}
