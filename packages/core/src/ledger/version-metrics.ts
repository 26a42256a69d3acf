import type { VersionRecord } from './state.ts';

/** The metrics that a version's registration tag names; whatever is no number there is left out. */
export function versionMetrics(record: VersionRecord | undefined): Readonly<Record<string, number>> {
  const text = record?.trailers.get('Metrics');
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
