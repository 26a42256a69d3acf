import type { Answer } from './answer.ts';
import { writing, type Call, type Routes } from './route.ts';
import { BOT, userView } from './users.ts';
import { NOW, REPOSITORY, nextId } from './world.ts';

/** A commit status. The last of a context is the one that counts. */
export interface StoredStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: string;
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
}

/** The commit statuses of a repository. */
export class Statuses {
  readonly stored: StoredStatus[] = [];

  readonly routes: Routes = {
    'POST /repos/{owner}/{repo}/statuses/{sha}': {
      needs: writing('statuses'),
      answer: (call) => this.#create(call),
    },
  };

  #create({ path, body }: Call): Answer {
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    const status: StoredStatus = {
      id: nextId(),
      sha: path['sha'] ?? '',
      state: String(body['state']),
      context: text(body['context']) ?? 'default',
      description: text(body['description']),
      targetUrl: text(body['target_url']),
    };
    this.stored.push(status);
    const shown = view(status);
    return { status: 201, body: shown, headers: { location: shown.url } };
  }
}

function view(status: StoredStatus): { readonly url: string } {
  const properties = {
    url: `${REPOSITORY}/statuses/${status.sha}`,
    avatar_url: 'https://avatars.githubusercontent.com/in/15368',
    id: status.id,
    node_id: `SC_${status.id}`,
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: NOW,
    updated_at: NOW,
    creator: userView(BOT),
  };
  return properties;
}
