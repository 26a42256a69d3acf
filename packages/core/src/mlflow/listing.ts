import * as z from 'zod/mini';
import type { MlflowApi } from './api.ts';
import { MlflowRefusal } from './answer.ts';

const answerSchema = z.object({
  files: z.optional(
    z.array(
      z.object({
        path: z.string(),
        is_dir: z.optional(z.boolean()),
        file_size: z.optional(z.coerce.number()),
      }),
    ),
  ),
  next_page_token: z.optional(z.string()),
});

/** More requests than this are no listing of a model: a server may name the same folder or page for ever. */
const MOST_REQUESTS = 10_000;

/** Sizes in bytes of the files that a logged model has, by path. Throws like `MlflowApi.call`. */
export async function filesOfLoggedModel(api: MlflowApi, modelId: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const folders = [''];
  const seen = new Set<string>();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (seen.has(folder)) throw endless(api, modelId, `names the folder '${folder}' again`);
    seen.add(folder);
    for (const entry of await entriesOf(api, modelId, folder)) {
      if (entry.is_dir === true) folders.push(entry.path);
      else sizes.set(entry.path, entry.file_size ?? 0);
    }
    if (seen.size > MOST_REQUESTS) throw endless(api, modelId, `names more than ${MOST_REQUESTS} folders`);
  }
  return sizes;
}

function endless({ connection }: MlflowApi, modelId: string, what: string): MlflowRefusal {
  return new MlflowRefusal(
    'service-unavailable',
    '',
    `MLflow at ${connection.uri} ${what} while it lists the files of the logged model '${modelId}'. Look at its artifacts there.`,
  );
}

type Entries = NonNullable<z.infer<typeof answerSchema>['files']>;

async function entriesOf(api: MlflowApi, modelId: string, folder: string): Promise<Entries> {
  const found: Entries = [];
  const tokens = new Set<string>();
  for (let token = ''; ;) {
    const query = {
      ...(folder === '' ? {} : { artifact_directory_path: folder }),
      ...(token === '' ? {} : { page_token: token }),
    };
    const path = `logged-models/${encodeURIComponent(modelId)}/artifacts/directories`;
    const answer = await api.call({ method: 'GET', path, query, repeat: 'safe' }, answerSchema);
    found.push(...(answer.files ?? []));
    token = answer.next_page_token ?? '';
    if (token === '') return found;
    if (tokens.has(token) || tokens.size > MOST_REQUESTS)
      throw endless(api, modelId, `has no last page of the folder '${folder}'`);
    tokens.add(token);
  }
}
