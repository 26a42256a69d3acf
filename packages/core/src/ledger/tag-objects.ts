import type { LedgerTag } from './state.ts';

/** A tag of the remote, not read yet. */
export interface ListedTag {
  readonly name: string;
  readonly object: string;
}

/** A tag with the id of its object. */
export interface StoredTag extends LedgerTag, ListedTag {}

/**
 * Parses the answer of `git cat-file --batch` about `listed` as it comes, one `<id> <type> <size>`, the bytes and a line
 * break for each, or `<id> missing`, and adds the tags that are there to `found`.
 */
export function parseObjects(listed: readonly ListedTag[], found: StoredTag[]): (chunk: Buffer) => void {
  let answered = 0;
  let waiting: string[] = [];
  let lacking = 0;
  return (chunk) => {
    // One character a byte: sizes are in bytes, and pieces of one string cost nothing.
    waiting.push(chunk.toString('latin1'));
    lacking -= chunk.length;
    if (lacking > 0) return;
    const text = waiting.join('');
    let at = 0;
    for (;;) {
      const end = text.indexOf('\n', at);
      if (end < 0) break;
      const [, type = '', size] = text.slice(at, end).split(' ');
      const next = size === undefined ? end : end + 1 + Number(size);
      lacking = next + 1 - text.length;
      if (lacking > 0) break;
      const tag = listed[answered++];
      if (size !== undefined && tag !== undefined) {
        found.push(type === 'tag' ? annotated(tag, decoded(text.slice(end + 1, next))) : lightweight(tag));
      }
      at = next + 1;
    }
    waiting = [text.slice(at)];
  };
}

function decoded(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

const NOT_ASCII = /[\x80-\xff]/;

const HEADER = /^object (\S+)\ntype (\S+)\ntag [^\n]*\n(?:tagger ([^\n]*?) ?<[^\n]*> (-?\d+) [^\n]*\n)?/;

function annotated({ name, object }: ListedTag, text: string): StoredTag {
  const [, target, type, tagger = '', seconds = '0'] = HEADER.exec(text) ?? [];
  return {
    name,
    object,
    commit: type === 'commit' ? target : undefined,
    time: new Date(Number(seconds) * 1000),
    tagger,
    message: text.slice(text.indexOf('\n\n') + 2),
  };
}

function lightweight({ name, object }: ListedTag): StoredTag {
  return { name, object, commit: undefined, time: new Date(0), tagger: '', message: '' };
}
