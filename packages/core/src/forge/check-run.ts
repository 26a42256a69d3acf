import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { withRetries, type ForgeApi } from './api.ts';

const checkSchema = z.object({ id: z.number(), external_id: z.nullable(z.string()) });
const listSchema = z.object({ check_runs: z.array(checkSchema) });

export type CheckConclusion = 'success' | 'neutral' | 'failure' | 'cancelled';

/** A check run that was created and has to be completed. */
export interface CheckRun {
  complete(conclusion: CheckConclusion, title: string, summary: string): Promise<void>;
}

interface CheckRequest {
  readonly name: string;
  /** The commit it is shown at. */
  readonly headSha: string;
  /** Where its "details" link leads; absent: the check's own page. */
  readonly detailsUrl?: string | undefined;
}

/**
 * Creates a check run in progress. Its external id is new each time; a retry first looks whether a check with it is
 * there, so a lost answer leaves no second one. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function startCheck(
  api: ForgeApi,
  { name, headSha, detailsUrl }: CheckRequest,
): Promise<CheckRun> {
  const externalId = randomUUID();
  let attempts = 0;
  const { id } = await withRetries(async () => {
    const earlier = attempts++ > 0 ? await findCheck(api, name, headSha, externalId) : undefined;
    if (earlier !== undefined) return earlier;
    return api.request(
      'POST /repos/{owner}/{repo}/check-runs',
      {
        name,
        head_sha: headSha,
        status: 'in_progress',
        external_id: externalId,
        ...(detailsUrl === undefined ? {} : { details_url: detailsUrl }),
      },
      checkSchema,
    );
  });
  return {
    async complete(conclusion, title, summary) {
      await withRetries(() =>
        api.request(
          'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
          { check_run_id: id, status: 'completed', conclusion, output: { title, summary } },
          checkSchema,
        ),
      );
    },
  };
}

async function findCheck(
  api: ForgeApi,
  name: string,
  ref: string,
  externalId: string,
): Promise<z.infer<typeof checkSchema> | undefined> {
  const { check_runs: runs } = await api.request(
    'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
    { ref, check_name: name, filter: 'all', per_page: 100 },
    listSchema,
  );
  return runs.find((run) => run.external_id === externalId);
}
