import { invalid, notFound, type Answer } from './answer.ts';
import { paged } from './paging.ts';
import { reading, writing, type Call, type Routes } from './route.ts';
import { userView, type User } from './users.ts';
import { NOW, REPOSITORY, nextId } from './world.ts';

/** A comment on a pull request. */
export interface StoredComment {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly user: User;
}

const LONGEST = 65_536;

/** The comments of a repository's issues and pull requests. */
export class Comments {
  readonly stored: StoredComment[] = [];
  readonly #author: User;

  /** All that is created is written by `author`. */
  constructor(author: User) {
    this.#author = author;
  }

  readonly routes: Routes = {
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': {
      needs: reading('issues', 'pull-requests'),
      answer: (call) => this.#list(call),
    },
    'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': {
      needs: writing('issues', 'pull-requests'),
      answer: (call) => this.#create(call),
    },
    'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': {
      needs: writing('issues', 'pull-requests'),
      answer: (call) => this.#update(call),
    },
    'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': {
      needs: writing('issues', 'pull-requests'),
      answer: (call) => this.#remove(call),
    },
  };

  add(issue: number, body: string, user: User): StoredComment {
    const comment = { id: nextId(), issue, body, user };
    this.stored.push(comment);
    return comment;
  }

  #list(call: Call): Answer {
    const own = this.stored.filter((comment) => comment.issue === Number(call.path['issue_number']));
    const { items, headers } = paged(own, call);
    return { status: 200, body: items.map(view), headers };
  }

  #create({ path, body }: Call): Answer {
    const text = String(body['body']);
    if (text.length > LONGEST) return tooLong();
    const comment = view(this.add(Number(path['issue_number']), text, this.#author));
    return { status: 201, body: comment, headers: { location: comment.url } };
  }

  #update({ path, body }: Call): Answer {
    const comment = this.stored.find((c) => c.id === Number(path['comment_id']));
    if (comment === undefined) return notFound();
    const text = String(body['body']);
    if (text.length > LONGEST) return tooLong();
    comment.body = text;
    return { status: 200, body: view(comment) };
  }

  #remove({ path }: Call): Answer {
    const place = this.stored.findIndex((c) => c.id === Number(path['comment_id']));
    if (place < 0) return notFound();
    this.stored.splice(place, 1);
    return { status: 204, body: undefined };
  }
}

function tooLong(): Answer {
  return invalid({
    resource: 'IssueComment',
    code: 'unprocessable',
    field: 'data',
    message: `Body is too long (maximum is ${LONGEST} characters)`,
  });
}

function view({ id, issue, body, user }: StoredComment): { readonly url: string } {
  const properties = {
    id,
    node_id: `IC_${id}`,
    url: `${REPOSITORY}/issues/comments/${id}`,
    html_url: `https://github.com/acme/flights/pull/${issue}#issuecomment-${id}`,
    issue_url: `${REPOSITORY}/issues/${issue}`,
    body,
    user: userView(user),
    created_at: NOW,
    updated_at: NOW,
    author_association: 'NONE',
  };
  return properties;
}
