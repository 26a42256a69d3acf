import * as z from 'zod/mini';
import { ForgeRefusal, ForgeUnavailable, withRetries, type ForgeApi } from './api.ts';
import { author, isOurs } from './author.ts';
import { nextStep, type Shared, type Step, type StoredText } from './converge.ts';
import { listed } from './pages.ts';

const commentSchema = z.object({
  id: z.number(),
  body: z.optional(z.string()),
  user: author,
  html_url: z.string(),
});
type Comment = z.infer<typeof commentSchema>;

/** Where the one comment is: the pull request, and an HTML comment that no other tool writes and that is its first line. */
export interface CommentPlace {
  /** Number of the pull request. */
  readonly number: number;
  readonly marker: string;
}

/** What one writer has to say in a comment that others may write as well. */
export interface Contribution<T> {
  readonly content: T;
  readonly shared: Shared<T>;
  /** Whether to write a new comment when there is none; an existing one is always brought up to date. */
  readonly create: boolean;
}

/** Where the comment is and what it holds, of all writers. */
export interface WrittenComment<T> {
  readonly address: string;
  readonly content: T;
}

/** Writes that did not stay until the comment is given up. */
const MOST_ROUNDS = 12;

/** Milliseconds to wait after the n-th write: longer than a request takes, and not the same for all writers. */
function pauseAfter(round: number): number {
  return (500 + Math.random() * 700) * Math.min(4, 1 + round / 3);
}

/**
 * Brings the one comment up to date, or creates it, and stays until it holds the contribution beside those of other
 * writers; comments that writers made at the same moment are folded into the oldest. Returns undefined when there is none
 * and none was wanted. Each retry reads again, so a lost answer leads to no second comment. Throws
 * ForgeRefusal or ForgeUnavailable.
 */
export async function writeComment<T>(
  api: ForgeApi,
  place: CommentPlace,
  { content, shared, create }: Contribution<T>,
  pause: (round: number) => number = pauseAfter,
): Promise<WrittenComment<T> | undefined> {
  let known = content;
  const gone = new Set<number>();
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const { step, address } = await withRetries(api, async () => {
      const comments = await findComments(api, place);
      const decided = nextStep(comments.map(textOf), known, shared, create);
      known = decided.known;
      await take(api, place, decided.step, gone);
      return { step: decided.step, address: comments[0]?.html_url };
    });
    if (step.kind === 'done' || step.kind === 'remove')
      return address === undefined ? undefined : { address, content: known };
    await api.pause(pause(round));
  }
  throw new ForgeUnavailable(`other jobs overwrote the comment ${MOST_ROUNDS} times`);
}

/** What the comment holds now; undefined where there is none. Throws ForgeRefusal or ForgeUnavailable. */
export async function readComment<T>(
  api: ForgeApi,
  place: CommentPlace,
  { read, merge }: Shared<T>,
): Promise<T | undefined> {
  const [first, ...later] = (await withRetries(api, () => findComments(api, place))).map((comment) =>
    read(textOf(comment).text),
  );
  return first === undefined ? undefined : later.reduce(merge, first);
}

async function take(
  api: ForgeApi,
  { number, marker }: CommentPlace,
  step: Step,
  gone: Set<number>,
): Promise<void> {
  switch (step.kind) {
    case 'create': {
      const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
      await api.request(route, { issue_number: number, body: `${marker}\n${step.text}` }, commentSchema);
      break;
    }
    case 'update': {
      const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
      await unlessGone(gone, step.id, () =>
        api.request(route, { comment_id: step.id, body: `${marker}\n${step.text}` }, commentSchema),
      );
      break;
    }
    case 'remove':
      for (const id of step.ids) {
        const route = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}';
        await unlessGone(gone, id, () => api.request(route, { comment_id: id }, z.unknown()));
      }
      break;
    case 'done':
  }
}

/**
 * Another writer may have folded the comment away since it was read. One that is read again after that is there, and
 * this token may not change it.
 */
async function unlessGone(gone: Set<number>, id: number, effect: () => Promise<unknown>): Promise<void> {
  try {
    await effect();
  } catch (error) {
    if (!(error instanceof ForgeRefusal && error.status === 404) || gone.has(id)) throw error;
    gone.add(id);
  }
}

/** A person who edits a comment on the page leaves the line ends of the page. */
function textOf({ id, body }: Comment): StoredText {
  return { id, text: (body ?? '').replaceAll('\r\n', '\n') };
}

/** The comments that begin with the marker and that we wrote, oldest first. */
async function findComments(api: ForgeApi, { number, marker }: CommentPlace): Promise<Comment[]> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  const found: Comment[] = [];
  for await (const comment of listed(api, route, { issue_number: number }, commentSchema)) {
    if (comment.body?.startsWith(marker) === true && (await isOurs(api, comment))) found.push(comment);
  }
  return found.sort((a, b) => a.id - b.id);
}
