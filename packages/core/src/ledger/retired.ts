import type { EnvironmentState, ModelState, VersionRecord } from './state.ts';

/**
 * Why the bytes of a version are kept out of an environment under the name of another version: that one is quarantined
 * there, or was deregistered. A clause, or undefined. A deployment that released these bytes ends it, whichever of their
 * versions it was of.
 */
export function retiredBytes(
  state: ModelState,
  { history }: EnvironmentState,
  record: VersionRecord,
): string | undefined {
  const others = sameBytes(state, record.modelDigest).filter(({ version }) => version !== record.version);
  if (others.length === 0) return undefined;
  const names = new Set([record, ...others].map(({ version }) => version));
  const last = history.findLast(
    ({ kind, version, trailers }) =>
      names.has(version) &&
      trailers.get(kind === 'assignment' ? 'Release-Quarantine' : 'Quarantine') === 'true',
  );
  if (last?.kind === 'unassignment')
    return `the bytes of ${last.version}, which is quarantined here (${last.trailers.get('Reason') ?? 'no reason given'}; tag ${last.tag})`;
  const wasHere = history.some(({ kind, version }) => kind === 'assignment' && version === record.version);
  const gone = others.find(({ active }) => !active);
  return last !== undefined || wasHere || gone === undefined
    ? undefined
    : `the bytes of ${gone.version}, which was deregistered`;
}

/** What became of these bytes under earlier versions, one clause each; nothing where no version of them was withdrawn. */
export function formerVersions(state: ModelState, digest: string): string[] {
  return sameBytes(state, digest).flatMap(({ version, active }) => {
    const places = [...state.environments].filter(([, { quarantined }]) => quarantined.has(version));
    return [
      ...(active ? [] : [`${version}, which was deregistered`]),
      ...places.map(([name]) => `${version}, which is quarantined in ${name}`),
    ];
  });
}

function sameBytes({ versions }: ModelState, digest: string | undefined): VersionRecord[] {
  return digest === undefined ? [] : versions.filter(({ modelDigest }) => modelDigest === digest);
}
