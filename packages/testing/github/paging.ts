import type { Call } from './route.ts';

interface Page<T> {
  readonly items: readonly T[];
  /** GitHub sends none where all fits on one page. */
  readonly headers: Readonly<Record<string, string>>;
}

const MOST = 100;

/** A page of a list with its Link header; a page beyond the end is empty and leads back. */
export function paged<T>(all: readonly T[], { query, url }: Pick<Call, 'query' | 'url'>): Page<T> {
  const size = Math.min(MOST, Number(query.get('per_page') ?? 30));
  const page = Math.max(1, Number(query.get('page') ?? 1));
  const last = Math.ceil(all.length / size);
  const targets: [string, number][] = [];
  if (page > 1) targets.push(['prev', Math.min(page - 1, Math.max(last, 1))]);
  if (page < last) targets.push(['next', page + 1], ['last', last]);
  if (page > last && last > 0) targets.push(['last', last]);
  if (page > 1) targets.push(['first', 1]);
  const link = targets.map(([relation, number]) => {
    const address = new URL(url);
    for (const [name, value] of query) address.searchParams.set(name, value);
    address.searchParams.set('page', String(number));
    return `<${address.href}>; rel="${relation}"`;
  });
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: link.length === 0 ? {} : { link: link.join(', ') },
  };
}
