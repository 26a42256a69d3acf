import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { isImplicit } from './implicit.ts';
import { Page } from './page.ts';
import { writeDouble, writePlain, writeSingle } from './scalar.ts';
import { hasBreak, styleOf } from './style.ts';

/** A longer key is written after `? `. */
const LONGEST_KEY = 128;
const STEP = 2;

/**
 * Writes a YAML tree as DVC does, byte for byte: ruamel.yaml 0.19 with block style, two columns of indentation and lists
 * not indented. Numbers, truth values, null and dates stay as they were written. Comments, blank lines and block scalars
 * (`|`, `>`) are not kept. Throws for tags and aliases, which DVC writes only for values that YAML alone has.
 */
export function writeYaml(root: Node): string {
  const page = new Page();
  if (isEmpty(root)) writeValue(page, root, 0, 'root');
  else writeCollection(page, root, 0);
  if (page.column > 0) page.lineBreak();
  return page.text;
}

function isEmpty(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.items.length === 0;
}

function writeCollection(page: Page, node: unknown, indent: number): void {
  if (isMap(node)) writeMap(page, node, indent);
  else if (isSeq(node)) writeList(page, node, indent);
  else throw new NotWritableError(node);
}

function writeMap(page: Page, map: YAMLMap, indent: number): void {
  refuseTag(map);
  for (const pair of map.items) {
    page.indentTo(indent);
    writePair(page, pair, indent);
  }
}

function writePair(page: Page, { key, value }: Pair, indent: number): void {
  if (!isScalar(key)) throw new NotWritableError(key);
  const text = textOf(key);
  const simple = text.text.length < LONGEST_KEY && !hasBreak(text.text);
  if (!simple) page.indicator('?', true, true);
  writeScalar(page, text, indent + STEP, simple);
  if (simple) page.indicator(':', false);
  else {
    page.indentTo(indent);
    page.indicator(':', true, true);
  }
  writeValue(page, value, indent, simple ? 'pair' : 'long pair');
}

function writeList(page: Page, list: YAMLSeq, indent: number): void {
  refuseTag(list);
  for (const item of list.items) {
    page.indentTo(indent);
    page.indicator('-', true, true);
    if (isScalar(item)) page.indentTo(indent + STEP);
    writeValue(page, item, indent, 'item');
  }
}

function writeValue(
  page: Page,
  node: unknown,
  indent: number,
  place: 'root' | 'pair' | 'long pair' | 'item',
): void {
  if (node === null || node === undefined) return;
  if (isAlias(node)) throw new NotWritableError(node);
  if (isScalar(node)) writeScalar(page, textOf(node), indent + STEP, false);
  else if (isEmpty(node)) page.indicator(isMap(node) ? '{}' : '[]', true);
  // The items of a list stand below the key itself.
  else writeCollection(page, node, place === 'pair' && isSeq(node) ? indent : indent + STEP);
}

interface Text {
  readonly text: string;
  /** Whether quotes would make another value of it: a number, a truth value, null, a date. */
  readonly verbatim: boolean;
}

function writeScalar(page: Page, { text, verbatim }: Text, indent: number, isKey: boolean): void {
  const style = verbatim ? 'plain' : styleOf(text, isKey);
  if (style === 'plain') writePlain(page, text, indent, isKey);
  else if (style === 'single') writeSingle(page, text, indent, isKey);
  else writeDouble(page, text, indent, isKey);
}

function textOf(node: unknown): Text {
  if (!isScalar(node)) throw new NotWritableError(node);
  refuseTag(node);
  const { value, source, type } = node;
  if (type === 'PLAIN' && source !== undefined) return { text: source, verbatim: isImplicit(source) };
  if (typeof value === 'string') return { text: value, verbatim: false };
  if (typeof value === 'number' || typeof value === 'boolean') return { text: String(value), verbatim: true };
  if (value === null) return { text: '', verbatim: true };
  throw new NotWritableError(node);
}

function refuseTag(node: { tag?: string | undefined; anchor?: string | undefined }): void {
  if (node.anchor !== undefined || (node.tag !== undefined && node.tag.startsWith('!'))) {
    throw new NotWritableError(node);
  }
}

/** A value that this writer cannot write as DVC would. */
export class NotWritableError extends Error {
  constructor(node: unknown) {
    super(`This YAML has a tag, an anchor or a complex key, which cannot be written: ${String(node)}`);
    this.name = 'NotWritableError';
  }
}
