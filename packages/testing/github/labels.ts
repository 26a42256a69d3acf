import { notFound, type Answer } from './answer.ts';
import { paged } from './paging.ts';
import { reading, type Call, type Routes } from './route.ts';
import { userView, type User } from './users.ts';
import { REPOSITORY, nextId } from './world.ts';

export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read';

export interface LabelEvent {
  readonly id: number;
  readonly issue: number;
  readonly event: 'labeled' | 'unlabeled';
  readonly label: string;
  readonly actor: User;
  readonly at: Date;
}

/** The older names that GitHub gives roles in `permission`. */
const LEGACY = { admin: 'admin', maintain: 'write', write: 'write', triage: 'read', read: 'read' } as const;

/** The labels of issues and pull requests, who set them, and who may. */
export class Labels {
  readonly collaborators = new Map<string, Role>();
  readonly #events: LabelEvent[] = [];

  readonly routes: Routes = {
    'GET /repos/{owner}/{repo}/issues/{issue_number}/labels': {
      needs: reading('issues', 'pull-requests'),
      answer: (call) => this.#list(call),
    },
    'GET /repos/{owner}/{repo}/issues/{issue_number}/timeline': {
      needs: reading('issues', 'pull-requests'),
      answer: (call) => this.#timeline(call),
    },
    'GET /repos/{owner}/{repo}/collaborators/{username}/permission': {
      needs: [],
      answer: (call) => this.#permission(call),
    },
  };

  change(event: Omit<LabelEvent, 'id'>): void {
    this.#events.push({ id: nextId(), ...event });
  }

  #list(call: Call): Answer {
    const own = this.#events.filter(({ issue }) => issue === Number(call.path['issue_number']));
    const set = own.filter(
      ({ event, label }, i) =>
        event === 'labeled' && !own.slice(i + 1).some((later) => later.label === label),
    );
    const { items, headers } = paged(set, call);
    return { status: 200, body: items.map(({ id, label }) => labelView(id, label)), headers };
  }

  #timeline(call: Call): Answer {
    const own = this.#events.filter(({ issue }) => issue === Number(call.path['issue_number']));
    const { items, headers } = paged(own, call);
    return { status: 200, body: items.map(eventView), headers };
  }

  #permission({ path }: Call): Answer {
    const role = this.collaborators.get(path['username'] ?? '');
    if (role === undefined) return notFound();
    const user = userView({ login: path['username'] ?? '', type: 'User' });
    return {
      status: 200,
      body: { permission: LEGACY[role], role_name: role, user: { ...user, role_name: role } },
    };
  }
}

function labelView(id: number, name: string): object {
  const url = `${REPOSITORY}/labels/${encodeURIComponent(name)}`;
  return { id, node_id: `LA_${id}`, url, name, description: null, color: 'ededed', default: false };
}

function eventView({ id, event, label, actor, at }: LabelEvent): object {
  return {
    id,
    node_id: `LE_${id}`,
    url: `${REPOSITORY}/issues/events/${id}`,
    actor: userView(actor),
    event,
    commit_id: null,
    commit_url: null,
    created_at: `${at.toISOString().slice(0, 19)}Z`,
    performed_via_github_app: null,
    label: { name: label, color: 'ededed' },
  };
}
