import * as z from 'zod/mini';
import { withRetries, type ForgeApi } from './api.ts';

const runSchema = z.object({
  id: z.number(),
  status: z.nullable(z.string()),
  html_url: z.string(),
  created_at: z.string(),
});
const listSchema = z.object({ workflow_runs: z.array(runSchema) });

/** A workflow run that has not ended. */
export interface ActiveRun {
  readonly id: number;
  readonly address: string;
}

/**
 * The workflow runs of a commit that have not ended, newest first, at most the 100 newest runs looked at. Needs
 * `actions: read`. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function activeRuns(api: ForgeApi, headSha: string): Promise<ActiveRun[]> {
  const runs = await runsOf(api, headSha);
  return runs
    .filter(({ status }) => status !== 'completed')
    .map(({ id, html_url: address }) => ({ id, address }));
}

/**
 * When a run of a commit was created, with its first attempt; undefined where it is not among the 100 newest. Needs `actions: read`.
 * Throws ForgeRefusal or ForgeUnavailable.
 */
export async function runCreatedAt(api: ForgeApi, id: number, headSha: string): Promise<Date | undefined> {
  const run = (await runsOf(api, headSha)).find((one) => one.id === id);
  const created = new Date(run?.created_at ?? '');
  return Number.isNaN(created.getTime()) ? undefined : created;
}

/** The 100 newest runs of a commit, newest first. */
async function runsOf(api: ForgeApi, headSha: string): Promise<z.infer<typeof runSchema>[]> {
  const { workflow_runs: runs } = await withRetries(api, () =>
    api.request('GET /repos/{owner}/{repo}/actions/runs', { head_sha: headSha, per_page: 100 }, listSchema),
  );
  return runs;
}
