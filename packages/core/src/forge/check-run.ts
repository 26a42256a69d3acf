import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { withRetries, type ForgeApi } from './api.ts';
import { cut, type Annotation, type CommitMark, type Ending, type Finish, type MarkRequest } from './mark.ts';

const checkSchema = z.object({ id: z.number(), external_id: z.nullable(z.string()) });
const listSchema = z.object({ check_runs: z.array(checkSchema) });
const countSchema = z.object({ output: z.object({ annotations_count: z.number() }) });

const CONCLUSIONS = {
  pass: 'success',
  warn: 'neutral',
  fail: 'failure',
  error: 'failure',
  cancelled: 'cancelled',
} as const satisfies Record<Ending, string>;

/** GitHub's limits. */
const ANNOTATIONS_PER_REQUEST = 50;
const TITLE_LIMIT = 255;

/**
 * Creates a check run in progress. Its external id is new each time; a retry first looks whether a check with it is
 * there, so a lost answer leaves no second one. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function startCheck(api: ForgeApi, request: MarkRequest): Promise<CommitMark> {
  const { name, headSha, detailsUrl } = request;
  const externalId = randomUUID();
  let attempts = 0;
  const { id } = await withRetries(api, async () => {
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
  return { complete: (finish) => completeCheck(api, id, finish) };
}

/**
 * The first request completes the check, so that it never hangs in progress because a later one fails; each further one
 * appends fifty annotations.
 */
async function completeCheck(api: ForgeApi, id: number, finish: Finish): Promise<void> {
  const output = { title: cut(finish.title, TITLE_LIMIT), summary: finish.summary };
  const all = finish.annotations.map(written);
  const ending = { status: 'completed', conclusion: CONCLUSIONS[finish.ending] };
  for (let sent = 0; sent === 0 || sent < all.length; sent += ANNOTATIONS_PER_REQUEST) {
    const annotations = all.slice(sent, sent + ANNOTATIONS_PER_REQUEST);
    const body = { ...(sent === 0 ? ending : {}), output: { ...output, annotations } };
    let attempts = 0;
    await withRetries(api, async () => {
      // Annotations are appended, so a request whose answer was lost must not be sent again.
      const lost = attempts++ > 0 && annotations.length > 0;
      if (lost && (await countAnnotations(api, id)) > sent) return;
      await api.request(
        'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
        { check_run_id: id, ...body },
        checkSchema,
      );
    });
  }
}

function written({ path, line, level, title, message }: Annotation): object {
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    title: cut(title, TITLE_LIMIT),
    message,
  };
}

async function countAnnotations(api: ForgeApi, id: number): Promise<number> {
  const { output } = await api.request(
    'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
    { check_run_id: id },
    countSchema,
  );
  return output.annotations_count;
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
