import * as z from 'zod/mini';
import { ForgeRefusal, withRetries, type ForgeApi } from './api.ts';
import { listed } from './pages.ts';

/** Who set a label, and when. */
export interface Labelling {
  readonly login: string;
  /** Whether it is an app and no person. */
  readonly isApp: boolean;
  /** By the forge's clock, whole seconds. */
  readonly at: Date;
}

const labelSchema = z.object({ id: z.number(), name: z.string() });
/** Of the many kinds of events, what is needed of those that set a label. */
const eventSchema = z.object({
  id: z.optional(z.number()),
  event: z.optional(z.string()),
  created_at: z.optional(z.string()),
  actor: z.nullish(z.object({ login: z.string(), type: z.optional(z.string()) })),
  label: z.nullish(z.object({ name: z.string() })),
});

/**
 * Whether a pull request has a label now. Asked anew, because the event of a run is as old as the run. Throws
 * ForgeRefusal or ForgeUnavailable.
 */
export async function hasLabel(api: ForgeApi, number: number, label: string): Promise<boolean> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/labels';
  return withRetries(api, async () => {
    for await (const { name } of listed(api, route, { issue_number: number }, labelSchema)) {
      if (isSame(name, label)) return true;
    }
    return false;
  });
}

/** Who set a label last; undefined where nobody can tell, as after the label was renamed. Throws ForgeRefusal or ForgeUnavailable. */
export async function findLabelling(
  api: ForgeApi,
  number: number,
  label: string,
): Promise<Labelling | undefined> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/timeline';
  return withRetries(api, async () => {
    let last: Labelling | undefined;
    for await (const event of listed(api, route, { issue_number: number }, eventSchema)) {
      if (event.event !== 'labeled' || !isSame(event.label?.name ?? '', label)) continue;
      const at = new Date(event.created_at ?? '');
      const { actor } = event;
      last =
        actor && !Number.isNaN(at.getTime())
          ? { login: actor.login, isApp: actor.type === 'Bot', at }
          : undefined;
    }
    return last;
  });
}

/** GitHub takes names of labels for the same whatever the case of their letters. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/**
 * What somebody may do in the repository: `admin`, `write`, `read` or `none`, where `maintain` counts as write and
 * `triage` as read; undefined for an account that is gone. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function permissionOf(api: ForgeApi, login: string): Promise<string | undefined> {
  const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
  try {
    const answer = z.object({ permission: z.string() });
    return (await withRetries(api, () => api.request(route, { username: login }, answer))).permission;
  } catch (error) {
    if (error instanceof ForgeRefusal && error.status === 404) return undefined;
    throw error;
  }
}
