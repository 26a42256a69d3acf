import * as z from 'zod/mini';
import { ForgeRefusal, type ForgeApi } from './api.ts';

/** Who wrote something. Gitea and Forgejo do not say what kind of user it is. */
export const author = z.nullable(z.object({ login: z.string(), type: z.optional(z.string()) }));

/**
 * Whether the token's owner wrote it: anyone may paste a marker. A workflow's token belongs to an app and writes as a bot; a
 * personal token may ask who it is, which an app's token may not.
 */
export async function isOurs(
  api: ForgeApi,
  { user }: { readonly user: z.infer<typeof author> },
): Promise<boolean> {
  if (user?.type === 'Bot') return true;
  try {
    const { login } = await api.request('GET /user', {}, z.object({ login: z.string() }));
    return login === user?.login;
  } catch (error) {
    if (error instanceof ForgeRefusal) return false;
    throw error;
  }
}
