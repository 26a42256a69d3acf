import { invalid, refusal, type Answer } from './answer.ts';
import { exampleOf } from './described.ts';
import { paged } from './paging.ts';
import { reading, writing, type Call, type Routes } from './route.ts';
import { userView, type User } from './users.ts';

/** An issue; pull requests are listed among them. */
export interface StoredIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly user: User;
  readonly isPull: boolean;
  state: 'open' | 'closed';
}

const LONGEST = 65_536;

/** The issues of a repository. */
export class Issues {
  readonly stored: StoredIssue[] = [];
  /** Whether the repository has issues at all. */
  enabled = true;
  readonly #author: User;

  /** All that is created is written by `author`. */
  constructor(author: User) {
    this.#author = author;
  }

  readonly routes: Routes = {
    'GET /repos/{owner}/{repo}/issues': {
      needs: reading('issues', 'pull-requests'),
      answer: (call) => this.#list(call),
    },
    'POST /repos/{owner}/{repo}/issues': {
      needs: writing('issues'),
      answer: (call) => this.#create(call),
    },
  };

  add(issue: Partial<StoredIssue> & Pick<StoredIssue, 'title' | 'body'>): StoredIssue {
    const number = this.stored.length + 1;
    const stored = { number, user: this.#author, isPull: false, state: 'open' as const, ...issue };
    this.stored.push(stored);
    return stored;
  }

  /** Newest first. */
  #list(call: Call): Answer {
    const state = call.query.get('state') ?? 'open';
    const found = this.stored.filter((issue) => state === 'all' || issue.state === state).toReversed();
    const { items, headers } = paged(found, call);
    return { status: 200, body: items.map(view), headers };
  }

  #create({ body }: Call): Answer {
    if (!this.enabled) return refusal(410, 'Issues has been disabled in this repository.');
    const text = String(body['body']);
    if (text.length > LONGEST)
      return invalid({
        resource: 'Issue',
        code: 'custom',
        field: 'body',
        message: `body is too long (maximum is ${LONGEST} characters)`,
      });
    return { status: 201, body: view(this.add({ title: String(body['title']), body: text })) };
  }
}

function view({ number, title, body, user, isPull, state }: StoredIssue): object {
  const url = `https://github.com/acme/flights/${isPull ? 'pull' : 'issues'}/${number}`;
  const pull = { url, html_url: url, diff_url: url, patch_url: url };
  return exampleOf('issue', {
    id: number,
    number,
    title,
    body,
    state,
    user: userView(user),
    html_url: url,
    ...(isPull ? { pull_request: pull } : {}),
  });
}
