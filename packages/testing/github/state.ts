import type { Answer } from './answer.ts';
import { Attestations } from './attestations.ts';
import { Checks, type StoredCheck } from './checks.ts';
import { Comments, type StoredComment } from './comments.ts';
import type { MatchedOperation } from './contract.ts';
import { Issues } from './issues.ts';
import { Labels, type LabelEvent, type Role } from './labels.ts';
import { Listings, type StoredPull, type StoredRun } from './listings.ts';
import { Releases } from './releases.ts';
import { allowed, type Call, type Permissions, type Routes } from './route.ts';
import { Statuses, type StoredStatus } from './statuses.ts';
import { userRoutes, type User } from './users.ts';

/** What the double remembers. Each kind of thing brings the operations on it. */
export class GitHubState {
  readonly #attestations = new Attestations();
  readonly #checks: Checks;
  readonly #comments: Comments;
  readonly issues: Issues;
  readonly #labels = new Labels();
  readonly #listings = new Listings();
  readonly releases: Releases;
  readonly #statuses = new Statuses();
  #permissions: Permissions;
  readonly #routes: Routes;

  /** `author` is whom the token belongs to. */
  constructor(permissions: Permissions, author: User) {
    this.#permissions = permissions;
    this.#checks = new Checks(author);
    this.#comments = new Comments(author);
    this.issues = new Issues(author);
    this.releases = new Releases(author, () => this.#permissions);
    this.#routes = {
      ...this.#attestations.routes,
      ...this.#checks.routes,
      ...this.#comments.routes,
      ...this.issues.routes,
      ...this.#labels.routes,
      ...this.#listings.routes,
      ...this.releases.routes,
      ...this.#statuses.routes,
      ...userRoutes(author),
    };
  }

  get attestations(): readonly unknown[] {
    return this.#attestations.stored;
  }

  get comments(): readonly StoredComment[] {
    return this.#comments.stored;
  }

  get checks(): readonly StoredCheck[] {
    return this.#checks.stored;
  }

  get pulls(): StoredPull[] {
    return this.#listings.pulls;
  }

  get runs(): StoredRun[] {
    return this.#listings.runs;
  }

  get statuses(): readonly StoredStatus[] {
    return this.#statuses.stored;
  }

  /** What the people of the repository may do; who is not named is not known. */
  get collaborators(): Map<string, Role> {
    return this.#labels.collaborators;
  }

  /** What the token may do. */
  get permissions(): Permissions {
    return this.#permissions;
  }

  /** Changes what the token may do from now on. */
  permit(changed: Partial<Permissions>): void {
    this.#permissions = { ...this.#permissions, ...changed };
  }

  /** Sets a label or takes it off, as somebody at some time. */
  changeLabel(event: Omit<LabelEvent, 'id'>): void {
    this.#labels.change(event);
  }

  /** Puts a comment of somebody else there. */
  addComment(issue: number, body: string, user = { login: 'octocat', type: 'User' }): StoredComment {
    return this.#comments.add(issue, body, user);
  }

  handle({ operation }: MatchedOperation, call: Call): Answer {
    const route = this.#routes[`${operation.method} ${operation.route}`];
    if (route === undefined)
      throw new Error(`The double does not know ${operation.method} ${operation.route}`);
    return allowed(route, this.#permissions, call);
  }
}
