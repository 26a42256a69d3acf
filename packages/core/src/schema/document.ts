import {
  isScalar,
  parseDocument,
  visit,
  type Document,
  type LineCounter,
  type DocumentOptions,
  type ParseOptions,
  type SchemaOptions,
} from 'yaml';
import { sizeProblem, type TextLimit } from '../action/limits.ts';

/** What YAML text says, or where it is none. */
export type ReadDocument =
  | { readonly document: Document; readonly fault?: undefined; readonly offset?: undefined }
  | {
      readonly document?: undefined;
      readonly fault: string;
      /** Where; absent where all of it is meant. */
      readonly offset?: number;
    };

/** How text is read, for what is not plain YAML 1.2; a counter learns where its lines begin. */
type ReadOptions = ParseOptions & DocumentOptions & SchemaOptions & { lineCounter?: LineCounter };

/** Parses YAML text within a limit, in a time that grows with its length. */
export function readDocument(text: string, limit: TextLimit, options: ReadOptions = {}): ReadDocument {
  const problem = sizeProblem(text, limit);
  if (problem !== undefined) return { fault: problem };
  // The library compares every key with all before it.
  const document = parseDocument(text, {
    prettyErrors: false,
    logLevel: 'error',
    ...options,
    uniqueKeys: false,
  });
  const [fault] = document.errors;
  if (fault !== undefined) {
    // Deeper than the stack is; far deeper than anybody writes.
    const isDepth = /call stack/i.test(fault.message);
    return {
      fault: `not valid YAML: ${isDepth ? 'it is nested too deeply' : fault.message}`,
      offset: fault.pos[0],
    };
  }
  const repeated = repeatedKey(document);
  return repeated === undefined
    ? { document }
    : { fault: 'not valid YAML: Map keys must be unique', offset: repeated };
}

/** Where a key stands that its map has already. */
function repeatedKey(document: Document): number | undefined {
  let found: number | undefined;
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          found = key.range?.[0] ?? 0;
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}

/** The value of YAML text. Throws an Error for text that has none within the limit. */
export function readValue(text: string, limit: TextLimit, options: ReadOptions = {}): unknown {
  const { document, fault } = readDocument(text, limit, options);
  if (document === undefined) throw new Error(fault);
  return document.toJS({ maxAliasCount: 100 });
}
