import { UserError } from '../action/errors.ts';
import type { S3 } from './connection.ts';
import { formatS3Uri, type S3Location } from './location.ts';

/**
 * The pages of a listing, one after the other. `ask` gets where to go on, undefined at first; `after` says where the next
 * page begins, undefined after the last. Throws what `ask` throws, and UserError for a listing that does not end.
 */
export async function* listPages<Page, Mark>(
  { where, limits }: S3,
  location: S3Location,
  ask: (from: Mark | undefined) => Promise<Page>,
  after: (page: Page) => Mark | undefined,
): AsyncGenerator<Page> {
  let from: Mark | undefined;
  for (let pages = 0; pages < limits.pages; pages++) {
    const page = await ask(from);
    yield page;
    from = after(page);
    if (from === undefined) return;
  }
  throw new UserError(
    'service-unavailable',
    `${where} lists ${formatS3Uri(location)} on more than ${limits.pages} pages. Name a longer prefix; if there are fewer objects, look at the server or proxy between, which lists without end.`,
  );
}
