import type { LedgerTag } from './state.ts';

/** A tag of the remote, not read yet. */
export interface ListedTag {
  readonly name: string;
  readonly object: string;
}

/** A tag with the id of its object. */
export interface StoredTag extends LedgerTag, ListedTag {}

/** A longer tag is not read; the longest that Sluice writes has a third of it. */
const LONGEST_TAG = 1 << 20;
/** How far a tag may be ahead of this machine's clock: clocks differ, and every writer dates its tags after the newest. */
const AHEAD_MS = 24 * 3_600_000;

/**
 * Parses the answer of `git cat-file --batch` about `listed` as it comes, one `<id> <type> <size>`, the bytes and a line
 * break for each, or `<id> missing`, and adds the tags that are there to `found`. Anybody may have written them: one that
 * is too long or dated too far ahead of `now` has a fault and no commit.
 */
export function parseObjects(
  listed: readonly ListedTag[],
  found: StoredTag[],
  now: Date,
): (chunk: Buffer) => void {
  let answered = 0;
  let waiting: string[] = [];
  let lacking = 0;
  /** Bytes of a tag that is too long, still to come. */
  let unread = 0;
  return (chunk) => {
    const dropped = Math.min(unread, chunk.length);
    unread -= dropped;
    // One character a byte: sizes are in bytes, and pieces of one string cost nothing.
    waiting.push(chunk.toString('latin1', dropped));
    lacking -= chunk.length - dropped;
    if (lacking > 0) return;
    const text = waiting.join('');
    let at = 0;
    for (;;) {
      const end = text.indexOf('\n', at);
      if (end < 0) break;
      const [, type = '', size] = text.slice(at, end).split(' ');
      const next = size === undefined ? end : end + 1 + Number(size);
      const tooLong = Number(size) > LONGEST_TAG;
      lacking = next + 1 - text.length;
      if (lacking > 0 && !tooLong) break;
      const tag = listed[answered++];
      if (size !== undefined && tag !== undefined) {
        if (tooLong)
          found.push(faulty(tag, `has ${size} bytes, and ${LONGEST_TAG} are the most that is read`));
        else
          found.push(type === 'tag' ? annotated(tag, decoded(text.slice(end + 1, next)), now) : faulty(tag));
      }
      at = Math.min(next + 1, text.length);
      if (lacking <= 0) continue;
      [unread, lacking] = [lacking, 0];
      break;
    }
    waiting = [text.slice(at)];
  };
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
