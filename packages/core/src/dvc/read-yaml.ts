import { LineCounter, type Document } from 'yaml';
import type * as z from 'zod/mini';
import { UserError, errorMessage } from '../action/errors.ts';
import { LIMITS } from '../action/limits.ts';
import { readDocument } from '../schema/document.ts';
import { AS_DVC } from './yaml.ts';

/** A file of DVC's: its value, and the tree that changes are placed by. */
export interface ReadYaml<T> {
  readonly value: T;
  readonly document: Document;
}

/** Left by git where two branches changed the same lines. */
const CONFLICT = /^<{7} /m;

/**
 * Parses a file of DVC's by a schema. Throws UserError `bad-config` with file, line, what was found and what to do; `name`
 * is the file as messages show it.
 */
export function readYaml<S extends z.ZodMiniType>(
  text: string,
  schema: S,
  name: string,
): ReadYaml<z.infer<S>> {
  if (CONFLICT.test(text)) {
    const line = text.slice(0, text.search(CONFLICT)).split('\n').length;
    throw new UserError(
      'bad-config',
      `${name}:${line}: an unresolved merge conflict. Take one side, or run 'dvc repro' or 'dvc add' on the merged branch, and commit the file.`,
    );
  }
  const lines = new LineCounter();
  const { document, fault, offset } = readDocument(text, LIMITS.records, { ...AS_DVC, lineCounter: lines });
  if (fault !== undefined) {
    const { line } = lines.linePos(offset ?? 0);
    throw new UserError(
      'bad-config',
      `${name}:${line}: ${fault}. Correct the file, or let DVC write it again.`,
    );
  }
  const parsed = schema.safeParse(plain(document, name), { reportInput: true });
  if (parsed.success) return { value: parsed.data, document };
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  const found = issue.input === undefined ? 'nothing' : JSON.stringify(issue.input)?.slice(0, 80);
  throw new UserError(
    'bad-config',
    `${name}:${lineOf(document, lines, issue.path)}: ${issue.path.map(String).join('.')}: ${issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message}, found ${found ?? 'a value that JSON cannot show'}. Let DVC write the file again, or correct it by hand.`,
  );
}

function plain(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new UserError('bad-config', `${name}: not usable YAML: ${errorMessage(error)}.`);
  }
}

/** The 1-based line of the deepest node on the path that exists. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      { range?: readonly number[] | null } | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}
