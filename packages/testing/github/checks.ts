import { notFound, refusal, type Answer } from './answer.ts';
import { paged } from './paging.ts';
import { reading, writing, type Call, type Routes } from './route.ts';
import type { User } from './users.ts';
import { NOW, REPOSITORY, nextId } from './world.ts';

/** A check run. */
export interface StoredCheck {
  readonly id: number;
  readonly name: string;
  readonly headSha: string;
  readonly externalId: string | null;
  readonly detailsUrl: string | null;
  status: string;
  conclusion: string | null;
  title: string | null;
  summary: string | null;
  /** All that were sent, in order: GitHub appends those of an update. */
  readonly annotations: unknown[];
}

interface Output {
  readonly title?: string;
  readonly summary?: string;
  readonly annotations?: readonly unknown[];
}

/** The check runs of a repository. */
export class Checks {
  readonly stored: StoredCheck[] = [];
  readonly #author: User;

  constructor(author: User) {
    this.#author = author;
  }

  readonly routes: Routes = {
    'POST /repos/{owner}/{repo}/check-runs': {
      needs: writing('checks'),
      answer: (call) => this.#create(call),
    },
    'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}': {
      needs: writing('checks'),
      answer: (call) => this.#update(call),
    },
    'GET /repos/{owner}/{repo}/check-runs/{check_run_id}': {
      needs: reading('checks'),
      answer: (call) => this.#get(call),
    },
    'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': {
      needs: reading('checks'),
      answer: (call) => this.#list(call),
    },
  };

  #create({ body }: Call): Answer {
    if (this.#author.type !== 'Bot') return refusal(403, 'You must authenticate via a GitHub App.');
    const check: StoredCheck = {
      id: nextId(),
      name: String(body['name']),
      headSha: String(body['head_sha']),
      externalId: text(body['external_id']),
      detailsUrl: text(body['details_url']),
      status: 'queued',
      conclusion: null,
      title: null,
      summary: null,
      annotations: [],
    };
    this.stored.push(check);
    change(check, body);
    const shown = view(check);
    return { status: 201, body: shown, headers: { location: shown.url } };
  }

  #get({ path }: Call): Answer {
    const check = this.stored.find((c) => c.id === Number(path['check_run_id']));
    return check === undefined ? notFound() : { status: 200, body: view(check) };
  }

  #update({ path, body }: Call): Answer {
    const check = this.stored.find((c) => c.id === Number(path['check_run_id']));
    if (check === undefined) return notFound();
    change(check, body);
    return { status: 200, body: view(check) };
  }

  #list(call: Call): Answer {
    const { path, query } = call;
    const name = query.get('check_name');
    const found = this.stored.filter((c) => c.headSha === path['ref'] && (name === null || c.name === name));
    const { items, headers } = paged(found, call);
    return { status: 200, body: { total_count: found.length, check_runs: items.map(view) }, headers };
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function change(check: StoredCheck, body: Call['body']): void {
  const output = (body['output'] ?? {}) as Output;
  // A conclusion completes the check whether or not a status says so.
  check.conclusion = text(body['conclusion']) ?? check.conclusion;
  check.status = check.conclusion === null ? (text(body['status']) ?? check.status) : 'completed';
  check.title = output.title ?? check.title;
  check.summary = output.summary ?? check.summary;
  check.annotations.push(...(output.annotations ?? []));
}

function view(check: StoredCheck): { readonly url: string } {
  const url = `${REPOSITORY}/check-runs/${check.id}`;
  const properties = {
    id: check.id,
    node_id: `CR_${check.id}`,
    name: check.name,
    head_sha: check.headSha,
    external_id: check.externalId,
    url,
    html_url: `https://github.com/acme/flights/runs/${check.id}`,
    details_url: check.detailsUrl,
    status: check.status,
    conclusion: check.conclusion,
    started_at: NOW,
    completed_at: check.status === 'completed' ? NOW : null,
    check_suite: { id: 5 },
    app: null,
    pull_requests: [],
    output: {
      title: check.title,
      summary: check.summary,
      text: null,
      annotations_count: check.annotations.length,
      annotations_url: `${url}/annotations`,
    },
  };
  return properties;
}
