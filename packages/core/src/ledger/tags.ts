import type { Scratch } from './scratch.ts';
import type { LedgerTag } from './state.ts';

/** A tag with the id of its object. */
export interface StoredTag extends LedgerTag {
  readonly object: string;
}

/** git looks at every ref of the remote for every name it is given, so many names are better asked for by a pattern. */
const MOST_NAMES = 500;

/**
 * The tags of a model as the remote has them now. Names are listed anew every time; the objects behind them are fetched
 * only when neither the checkout nor an earlier read has them.
 */
export async function readTags(scratch: Scratch, model: string): Promise<StoredTag[]> {
  let tags: StoredTag[] = [];
  await scratch.patiently(async () => {
    const patterns = [`refs/tags/${model}@*`, `refs/tags/${model}#*`];
    const listing = await scratch.listTags(patterns);
    if (listing.code !== 0) return listing.stderr;
    const listed = parseListing(listing.stdout, model);
    const found = await readObjects(
      scratch,
      listed.map(({ object }) => object),
    );
    const missing = listed.filter(({ object }) => !found.has(object));
    if (missing.length > 0) {
      const failed = await scratch.fetchTags(refspecs(missing, patterns));
      if (failed !== undefined) return failed;
      const ids = missing.map(({ object }) => object);
      for (const [id, tag] of await readObjects(scratch, ids)) found.set(id, tag);
    }
    tags = listed.flatMap(({ name, object }) => {
      const content = found.get(object);
      return content === undefined ? [] : [{ name, object, ...content }];
    });
    // Between listing and fetching somebody removed a tag; nobody may.
    return tags.length === listed.length ? undefined : "couldn't find remote ref of a tag that was listed";
  });
  return tags;
}

interface Listed {
  readonly name: string;
  readonly object: string;
}

/** What follows a model's name in a tag; no name has these characters. */
const NEXT = new Set(['@', '#']);

function parseListing(text: string, model: string): Listed[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines
    .map((line) => {
      const [object = '', ref = ''] = line.split('\t');
      return { object, name: ref.slice('refs/tags/'.length) };
    })
    .filter(({ name }) => NEXT.has(name[model.length] ?? '') && name.startsWith(model));
}

function refspecs(missing: readonly Listed[], patterns: readonly string[]): string[] {
  return missing.length <= MOST_NAMES
    ? missing.map(({ name }) => `refs/tags/${name}`)
    : patterns.map((pattern) => `+${pattern}:${pattern}`);
}

type Content = Omit<LedgerTag, 'name'>;

async function readObjects(scratch: Scratch, ids: readonly string[]): Promise<Map<string, Content>> {
  return ids.length === 0 ? new Map() : parseObjects(await scratch.objects(ids));
}

/** Parses the answer of `git cat-file --batch`: `<id> <type> <size>`, the bytes, a line break; or `<id> missing`. */
export function parseObjects(batch: Buffer): Map<string, Content> {
  const found = new Map<string, Content>();
  // One character a byte: sizes are in bytes, and pieces of one string cost nothing.
  const text = batch.toString('latin1');
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const [id = '', type = '', size] = text.slice(at, end).split(' ');
    at = end + 1;
    if (size === undefined) continue;
    const next = at + Number(size);
    found.set(id, type === 'tag' ? parseTagObject(decoded(text.slice(at, next))) : LIGHTWEIGHT);
    at = next + 1;
  }
  return found;
}

function decoded(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

const NOT_ASCII = /[\x80-\xff]/;

const LIGHTWEIGHT: Content = { time: new Date(0), tagger: '', message: '' };

const HEADER = /^object (\S+)\ntype (\S+)\ntag [^\n]*\n(?:tagger ([^\n]*?) ?<[^\n]*> (-?\d+) [^\n]*\n)?/;

function parseTagObject(text: string): Content {
  const [, target, type, tagger = '', seconds = '0'] = HEADER.exec(text) ?? [];
  return {
    ...(type === 'commit' && target !== undefined ? { commit: target } : {}),
    time: new Date(Number(seconds) * 1000),
    tagger,
    message: text.slice(text.indexOf('\n\n') + 2),
  };
}
