import * as z from 'zod/mini';
import { ForgeRefusal, withRetries, type ForgeApi } from './api.ts';
import { listed } from './pages.ts';

/** Gitea and Forgejo do not say what kind of user it is. */
const author = z.nullable(z.object({ login: z.string(), type: z.optional(z.string()) }));
const commentSchema = z.object({
  id: z.number(),
  body: z.optional(z.string()),
  user: author,
  html_url: z.string(),
});
type Comment = z.infer<typeof commentSchema>;

/** What there is to be said on a pull request. */
export interface StickyComment {
  /** Number of the pull request. */
  readonly number: number;
  /** An HTML comment that no other tool writes; it becomes the first line. */
  readonly marker: string;
  readonly body: string;
  /** Whether to write a new comment when there is none; an existing one is always brought up to date. */
  readonly create: boolean;
}

/**
 * Writes the one comment with this marker: updates it in place, or creates it. Returns its address, or undefined when
 * there is none and none was wanted. Each retry searches again, so a lost answer leads to an update and not to a second
 * comment. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function writeComment(api: ForgeApi, comment: StickyComment): Promise<string | undefined> {
  const body = `${comment.marker}\n${comment.body}`;
  return withRetries(async () => {
    const existing = await findComment(api, comment);
    if (existing?.body === body) return existing.html_url;
    if (existing !== undefined) {
      const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
      return (await api.request(route, { comment_id: existing.id, body }, commentSchema)).html_url;
    }
    if (!comment.create) return undefined;
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
    return (await api.request(route, { issue_number: comment.number, body }, commentSchema)).html_url;
  });
}

/** The oldest comment that begins with the marker and that we wrote. */
async function findComment(api: ForgeApi, { number, marker }: StickyComment): Promise<Comment | undefined> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  for await (const comment of listed(api, route, { issue_number: number }, commentSchema)) {
    if (comment.body?.startsWith(marker) === true && (await isOurs(api, comment))) return comment;
  }
  return undefined;
}

/**
 * Anyone may paste the marker. A workflow's token belongs to an app and writes as a bot; a personal token may ask who it
 * is, which an app's token may not.
 */
async function isOurs(api: ForgeApi, comment: Comment): Promise<boolean> {
  if (comment.user?.type === 'Bot') return true;
  try {
    const { login } = await api.request('GET /user', {}, z.object({ login: z.string() }));
    return login === comment.user?.login;
  } catch (error) {
    if (error instanceof ForgeRefusal) return false;
    throw error;
  }
}
