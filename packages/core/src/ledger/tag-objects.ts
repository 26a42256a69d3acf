import { readPrinted, type PrintedObject } from './printed-objects.ts';
import type { LedgerTag } from './state.ts';

/** A tag of the remote, not read yet. */
export interface ListedTag {
  readonly name: string;
  readonly object: string;
}

/** A tag with the id of its object. */
export interface StoredTag extends LedgerTag, ListedTag {}

/** The objects behind tags, as far as a repository has them. */
export interface ReadObjects {
  readonly tags: StoredTag[];
  /** Those under whose id other bytes lie. */
  readonly forged: ListedTag[];
}

/** A longer tag is not read; the longest that Sluice writes has a third of it. */
const LONGEST_TAG = 1 << 20;
/** How far a tag may be ahead of this machine's clock: clocks differ, and every writer dates its tags after the newest. */
const AHEAD_MS = 24 * 3_600_000;

/**
 * Reads what `git cat-file --batch` prints about `listed`, and adds what is there to `read`. Anybody may have written the
 * tags: one that is too long or dated too far ahead of `now` has a fault and no commit. `format` is the hash of the ids.
 */
export function parseObjects(
  listed: readonly ListedTag[],
  { format, now }: { readonly format: string; readonly now: Date },
  read: ReadObjects,
): (chunk: Buffer) => void {
  let answered = 0;
  return readPrinted({
    format,
    longest: LONGEST_TAG,
    take: (object) => {
      const tag = listed[answered++];
      if (object === undefined || tag === undefined) return;
      if (object.id === tag.object) read.tags.push(tagOf(tag, object, now));
      else read.forged.push(tag);
    },
  });
}

function tagOf(listed: ListedTag, { type, size, bytes }: PrintedObject, now: Date): StoredTag {
  if (bytes === undefined)
    return faulty(listed, `has ${size} bytes, and ${LONGEST_TAG} are the most that is read`);
  return type === 'tag' ? annotated(listed, decoded(bytes), now) : faulty(listed);
}

function decoded(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

const NOT_ASCII = /[\x80-\xff]/;

function annotated(listed: ListedTag, text: string, now: Date): StoredTag {
  const end = text.indexOf('\n\n');
  const [object = '', type = '', tag = '', by = ''] = text.slice(0, end < 0 ? undefined : end).split('\n', 4);
  const isTag = object.startsWith('object ') && type.startsWith('type ') && tag.startsWith('tag ');
  if (!isTag) return faulty(listed);
  const { tagger, seconds } = taggerOf(by);
  const time = new Date(Number(seconds) * 1000);
  // Written so that a time that JavaScript has no date for is one too.
  const inTime = time.getTime() <= now.getTime() + AHEAD_MS;
  return {
    ...listed,
    commit: type === 'type commit' && inTime ? object.slice('object '.length) : undefined,
    time,
    tagger,
    message: end < 0 ? '' : text.slice(end + 2),
    ...(inTime
      ? {}
      : { fault: `is dated ${dateOf(time, seconds)}, more than a day ahead of this machine's clock` }),
  };
}

/** Whose line it is and when, by git's own rule: the time follows the last `>`. Never searched with a pattern, which brackets make slow. */
function taggerOf(line: string): { tagger: string; seconds: string } {
  const close = line.lastIndexOf('> ');
  const [seconds = '', zone] = close < 0 ? [] : line.slice(close + 2).split(' ', 2);
  const open = line.indexOf('<');
  const readable = line.startsWith('tagger ') && zone !== undefined && /^-?\d+$/.test(seconds);
  if (!readable || open < 0 || open > close) return { tagger: '', seconds: '0' };
  return { tagger: line.slice('tagger '.length, open).trimEnd(), seconds };
}

function dateOf(time: Date, seconds: string): string {
  return Number.isNaN(time.getTime()) ? `${seconds.slice(0, 30)} s after 1970` : time.toISOString();
}

function faulty({ name, object }: ListedTag, fault?: string): StoredTag {
  const unread = { name, object, commit: undefined, time: new Date(0), tagger: '', message: '' };
  return fault === undefined ? unread : { ...unread, fault };
}
