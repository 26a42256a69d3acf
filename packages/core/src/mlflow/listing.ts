import * as z from 'zod/mini';
import type { MlflowApi } from './api.ts';

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

/** Sizes in bytes of the files that a logged model has, by path. Throws like `MlflowApi.call`. */
export async function filesOfLoggedModel(api: MlflowApi, modelId: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(api, modelId, folder)) {
      if (entry.is_dir === true) folders.push(entry.path);
      else sizes.set(entry.path, entry.file_size ?? 0);
    }
  }
  return sizes;
}

type Entries = NonNullable<z.infer<typeof answerSchema>['files']>;

async function entriesOf(api: MlflowApi, modelId: string, folder: string): Promise<Entries> {
  const found: Entries = [];
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
  }
}
