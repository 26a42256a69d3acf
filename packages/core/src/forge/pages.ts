import * as z from 'zod/mini';
import { ForgeUnavailable, type ForgeApi } from './api.ts';

/** The most that GitHub puts on a page. */
const PAGE_SIZE = 100;
/** A list of more pages is none that people have made. */
const MOST_PAGES = 1000;

type Listed = z.ZodMiniType<{ readonly id?: number | undefined }>;

/**
 * Everything in a list, asked for page by page as it is used, in the forge's order. A page that is not full is the last,
 * and so is one that begins like the page before: Gitea and Forgejo give some lists whole, whatever page is asked for.
 * Throws ForgeRefusal or ForgeUnavailable.
 */
export async function* listed<S extends Listed>(
  api: ForgeApi,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  item: S,
): AsyncGenerator<z.infer<S>> {
  let before: number | undefined;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const items = await api.request(route, { ...parameters, per_page: PAGE_SIZE, page }, z.array(item));
    if (before !== undefined && items[0]?.id === before) return;
    yield* items;
    if (items.length < PAGE_SIZE) return;
    before = items[0]?.id;
  }
  throw new ForgeUnavailable(`${route}: the list has more than ${MOST_PAGES} pages`);
}
