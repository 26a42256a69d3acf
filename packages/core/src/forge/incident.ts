import * as z from 'zod/mini';
import { withRetries, type ForgeApi } from './api.ts';
import { author, isOurs } from './author.ts';
import { listed } from './pages.ts';

/** The one issue that is open about something that went wrong, and what there is to add to it. */
export interface Incident {
  /** An HTML comment that no other tool writes, the first line of the issue. */
  readonly marker: string;
  readonly title: string;
  /** An HTML comment that no other entry has, so that it is written once. */
  readonly entry: string;
  /** Markdown, at most 65,000 characters. */
  readonly text: string;
}

/** Where an entry was written. */
export interface ToldIncident {
  readonly number: number;
  readonly address: string;
  /** Whether the issue was opened for it. */
  readonly opened: boolean;
}

const issueSchema = z.object({
  id: z.number(),
  number: z.number(),
  body: z.nullish(z.string()),
  user: author,
  html_url: z.string(),
  /** Pull requests are listed among the issues. */
  pull_request: z.optional(z.unknown()),
});
type Issue = z.infer<typeof issueSchema>;
const commentSchema = z.object({ id: z.number(), body: z.nullish(z.string()) });

/** The newest open issues that are looked through; an older one is found no more, and another is opened. */
const MOST_ISSUES = 2_000;

/**
 * Opens the issue with the entry, or adds the entry to the open one as a comment. Each retry looks first for what a lost answer
 * was about. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function tellIncident(api: ForgeApi, incident: Incident): Promise<ToldIncident> {
  const { marker, title, entry, text } = incident;
  return withRetries(api, async () => {
    const open = await findOpen(api, marker);
    if (open === undefined) {
      const body = `${marker}\n${entry}\n${text}`;
      const issue = await api.request('POST /repos/{owner}/{repo}/issues', { title, body }, issueSchema);
      return { number: issue.number, address: issue.html_url, opened: true };
    }
    const opened = open.body?.includes(entry) === true;
    if (!opened) await comment(api, open, `${entry}\n${text}`, entry);
    return { number: open.number, address: open.html_url, opened };
  });
}

/** The oldest open issue that begins with the marker and that we opened. */
async function findOpen(api: ForgeApi, marker: string): Promise<Issue | undefined> {
  const route = 'GET /repos/{owner}/{repo}/issues';
  const order = { state: 'open', sort: 'created', direction: 'desc' };
  let found: Issue | undefined;
  let seen = 0;
  for await (const issue of listed(api, route, order, issueSchema)) {
    if (++seen > MOST_ISSUES) break;
    const isPull = issue.pull_request !== undefined && issue.pull_request !== null;
    if (!isPull && issue.body?.startsWith(marker) === true && (await isOurs(api, issue))) found = issue;
  }
  return found;
}

async function comment(api: ForgeApi, { number }: Issue, body: string, entry: string): Promise<void> {
  const list = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  for await (const one of listed(api, list, { issue_number: number }, commentSchema))
    if (one.body?.startsWith(entry) === true) return;
  const create = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
  await api.request(create, { issue_number: number, body }, commentSchema);
}
