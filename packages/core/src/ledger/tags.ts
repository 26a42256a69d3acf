import type { Log } from '../action/log.ts';
import type { ObjectSource } from './local-repository.ts';
import type { Scratch } from './scratch.ts';
import { parseObjects, type ListedTag, type ReadObjects, type StoredTag } from './tag-objects.ts';

/** git looks at every ref of the remote for every name it is given, so many names are better asked for by a pattern. */
const MOST_NAMES = 500;

/**
 * The tags of a model as the remote has them now. Names are listed anew every time; the objects behind them are fetched
 * only when neither the checkout nor an earlier read has them. What lies there is believed when its hash is the id that
 * the remote names: whoever can write into `.git` can put other bytes under it.
 */
export async function readTags(
  scratch: Scratch,
  model: string,
  log: Pick<Log, 'warning'>,
  known: KnownTags,
): Promise<StoredTag[]> {
  let tags: StoredTag[] = [];
  await scratch.patiently(async () => {
    const patterns = [`refs/tags/${model}@*`, `refs/tags/${model}#*`];
    const listing = await scratch.listTags(patterns);
    if (listing.code !== 0) return listing.stderr;
    const listed = parseListing(listing.stdout, model);
    const remembered = known.among(listed);
    const others = listed.filter((tag) => !known.has(tag));
    const here = await readObjects(scratch, others);
    tags = [...remembered, ...here.tags];
    if (here.forged.length > 0) log.warning(forgedObjects(here.forged));
    if (tags.length < listed.length) {
      const read = new Set(tags.map(({ object }) => object));
      const missing = listed.filter(({ object }) => !read.has(object));
      const failed = await scratch.fetchTags(refspecs(missing, patterns), async (fetched) => {
        tags = [...tags, ...(await readObjects(fetched, missing)).tags];
      });
      if (failed !== undefined) return failed;
    }
    // Between listing and fetching somebody removed a tag; nobody may.
    return tags.length === listed.length ? undefined : "couldn't find remote ref of a tag that was listed";
  });
  known.add(tags);
  return tags;
}

/** Tags that this run has read, which never change: their ids are the hashes of what they say. */
export class KnownTags {
  readonly #tags = new Map<string, StoredTag>();

  add(tags: readonly StoredTag[]): void {
    for (const tag of tags) this.#tags.set(keyOf(tag), tag);
  }

  has(tag: ListedTag): boolean {
    return this.#tags.has(keyOf(tag));
  }

  /** Those of the listed tags that were read. */
  among(listed: readonly ListedTag[]): StoredTag[] {
    return listed.flatMap((tag) => this.#tags.get(keyOf(tag)) ?? []);
  }
}

const keyOf = ({ name, object }: ListedTag): string => `${object} ${name}`;

function forgedObjects(forged: readonly ListedTag[]): string {
  const names = forged.slice(0, 3).map(({ name }) => name);
  const more = forged.length > names.length ? ` and ${forged.length - names.length} more` : '';
  return `The .git folder of this checkout holds other bytes under the object ids of the tags ${names.join(', ')}${more}. They were not believed; the tags were fetched from the remote again. Something wrote into .git, such as a command of this job or an earlier job on this runner: find out what, and delete the checkout.`;
}

/** What follows a model's name in a tag; no name has these characters. */
const NEXT = new Set(['@', '#']);

function parseListing(text: string, model: string): ListedTag[] {
  return text.split('\n').flatMap((line) => {
    const tab = line.indexOf('\t');
    return listedTag(line.slice(tab + 1), line.slice(0, tab), model);
  });
}

const TAGS = 'refs/tags/';

/** The tag of a ref, when it is one of the model's. */
export function listedTag(ref: string, object: string, model: string): ListedTag[] {
  const name = ref.slice(TAGS.length);
  const isOurs = ref.startsWith(TAGS) && NEXT.has(name[model.length] ?? '') && name.startsWith(model);
  return isOurs ? [{ name, object }] : [];
}

function refspecs(missing: readonly ListedTag[], patterns: readonly string[]): string[] {
  return missing.length <= MOST_NAMES
    ? missing.map(({ name }) => `refs/tags/${name}`)
    : patterns.map((pattern) => `+${pattern}:${pattern}`);
}

/** From this many objects on two processes unpack them. */
const MANY_OBJECTS = 10_000;

/** Those of the tags whose objects are here, in their order. */
export async function readObjects(source: ObjectSource, listed: readonly ListedTag[]): Promise<ReadObjects> {
  if (listed.length === 0) return { tags: [], forged: [] };
  const half = listed.length < MANY_OBJECTS ? listed.length : Math.ceil(listed.length / 2);
  const parts = [listed.slice(0, half), listed.slice(half)].filter((part) => part.length > 0);
  const now = new Date();
  const found = await Promise.all(
    parts.map(async (part) => {
      const read: ReadObjects = { tags: [], forged: [] };
      await source.objects(
        part.map(({ object }) => object),
        parseObjects(part, { format: source.objectFormat, now }, read),
      );
      return read;
    }),
  );
  return { tags: found.flatMap(({ tags }) => tags), forged: found.flatMap(({ forged }) => forged) };
}
