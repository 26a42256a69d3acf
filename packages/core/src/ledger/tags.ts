import type { Scratch } from './scratch.ts';
import { parseObjects, type ListedTag, type StoredTag } from './tag-objects.ts';

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
    tags = await readObjects(scratch, listed);
    if (tags.length < listed.length) {
      const here = new Set(tags.map(({ object }) => object));
      const missing = listed.filter(({ object }) => !here.has(object));
      const failed = await scratch.fetchTags(refspecs(missing, patterns));
      if (failed !== undefined) return failed;
      tags = [...tags, ...(await readObjects(scratch, missing))];
    }
    // Between listing and fetching somebody removed a tag; nobody may.
    return tags.length === listed.length ? undefined : "couldn't find remote ref of a tag that was listed";
  });
  return tags;
}

/** What follows a model's name in a tag; no name has these characters. */
const NEXT = new Set(['@', '#']);

function parseListing(text: string, model: string): ListedTag[] {
  const listed: ListedTag[] = [];
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    const name = line.slice(tab + 1 + 'refs/tags/'.length);
    if (NEXT.has(name[model.length] ?? '') && name.startsWith(model))
      listed.push({ name, object: line.slice(0, tab) });
  }
  return listed;
}

function refspecs(missing: readonly ListedTag[], patterns: readonly string[]): string[] {
  return missing.length <= MOST_NAMES
    ? missing.map(({ name }) => `refs/tags/${name}`)
    : patterns.map((pattern) => `+${pattern}:${pattern}`);
}

/** From this many objects on two processes unpack them. */
const MANY_OBJECTS = 10_000;

/** Those of the tags whose objects are here, in their order. */
async function readObjects(scratch: Scratch, listed: readonly ListedTag[]): Promise<StoredTag[]> {
  if (listed.length === 0) return [];
  const half = listed.length < MANY_OBJECTS ? listed.length : Math.ceil(listed.length / 2);
  const parts = [listed.slice(0, half), listed.slice(half)].filter((part) => part.length > 0);
  const found = await Promise.all(
    parts.map(async (part) => {
      const tags: StoredTag[] = [];
      await scratch.objects(
        part.map(({ object }) => object),
        parseObjects(part, tags, new Date()),
      );
      return tags;
    }),
  );
  return found.flat();
}
