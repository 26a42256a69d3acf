import { isCode } from '../action/file-kind.ts';
import { PROVENANCE, type ProvenanceStatement, type Resource, type Statement } from './statement.ts';

/** What an input of the training was for: `annotations.role` of its descriptor in the provenance. */
export type InputRole = 'data' | 'parameters' | 'environment' | 'lock';

/** What a model was made from, by its provenance. Names to digests (`sha256:` and hex; DVC's `md5:`, with `.dir` behind that of
 * a folder) or to values, as text. */
export interface Making {
  /** The commit that was checked out, and whether its files were changed; absent outside of git. */
  readonly code?: { readonly commit: string; readonly dirty: boolean };
  readonly data: Readonly<Record<string, string>>;
  /** Contents of the parameter files, nested keys joined with a dot. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Environment and lock files, interpreter and platform. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Reads it from the model's own provenance; undefined when the statements hold none. */
export function makingOf(statements: readonly Statement[], modelDigest: string): Making | undefined {
  const own = statements.find(
    (s): s is ProvenanceStatement =>
      s.predicateType === PROVENANCE && s.subject.some(({ digest }) => digest['sha256'] === modelDigest),
  );
  if (own === undefined) return undefined;
  const { resolvedDependencies, externalParameters, internalParameters = {} } = own.predicate.buildDefinition;
  const commit = resolvedDependencies
    .map(({ digest }) => digest?.['gitCommit'])
    .find((id) => id !== undefined);
  const machine = Object.entries(internalParameters).filter(
    (entry): entry is [string, string] =>
      ['python', 'platform'].includes(entry[0]) && typeof entry[1] === 'string',
  );
  return {
    ...(commit === undefined ? {} : { code: { commit, dirty: internalParameters['dirty'] === true } }),
    data: { ...lockedData(resolvedDependencies), ...filesOf(resolvedDependencies, ['data']) },
    parameters: Object.fromEntries(parameterValues(externalParameters['params'])),
    environment: {
      ...filesOf(resolvedDependencies, ['environment', 'lock']),
      ...Object.fromEntries(machine),
    },
  };
}

function filesOf(resources: readonly Resource[], roles: readonly InputRole[]): Record<string, string> {
  return Object.fromEntries(
    resources.flatMap((resource) => {
      const { digest } = resource;
      const name = resource.uri === undefined ? resource.name : addressOf(resource);
      const role = annotationsOf(resource)['role'];
      const sha256 = digest?.['sha256'];
      if (name === undefined || sha256 === undefined || !roles.some((wanted) => wanted === role)) return [];
      return [[name, `sha256:${sha256}`] as const];
    }),
  );
}

/** What a pipeline of DVC started from, code left out: the dependencies that none of its stages wrote. */
function lockedData(resources: readonly Resource[]): Record<string, string> {
  const ofRole = (role: string): Resource[] =>
    resources.filter((resource) => annotationsOf(resource)['role'] === role);
  const written = new Set(ofRole('dvc-output').map(({ name }) => name));
  return Object.fromEntries(
    ofRole('dvc-dependency').flatMap((resource) => {
      const { name } = resource;
      const digest = lockedDigest(resource);
      return name === undefined || digest === undefined || written.has(name) || isCode(name)
        ? []
        : [[name, digest] as const];
    }),
  );
}

function lockedDigest(resource: Resource): string | undefined {
  const { md5, dvcDirMd5, dvcMd5Dos2unix } = resource.digest ?? {};
  if (md5 !== undefined) return `md5:${md5}`;
  if (dvcDirMd5 !== undefined) return `md5:${dvcDirMd5}.dir`;
  if (dvcMd5Dos2unix !== undefined) return `md5-dos2unix:${dvcMd5Dos2unix}`;
  const version = annotationsOf(resource)['version-id'];
  return typeof version === 'string' ? `version:${version}` : undefined;
}

/** Where a resource was read from, and which version of it; undefined for one that was in the checkout. */
export function addressOf(resource: Resource): string | undefined {
  const version = annotationsOf(resource)['version-id'];
  return resource.uri && versionedAddress(resource.uri, typeof version === 'string' ? version : undefined);
}

/** An address with the version, as S3's own tools write it. */
export function versionedAddress(uri: string, versionId: string | undefined): string {
  return versionId === undefined ? uri : `${uri}?versionId=${encodeURIComponent(versionId)}`;
}

function annotationsOf(resource: Resource): Record<string, unknown> {
  const { annotations } = resource as { readonly annotations?: unknown };
  return isRecord(annotations) ? annotations : {};
}

/**
 * Contents of parameter files, each argument `externalParameters.params` of a provenance, nested keys joined with a dot; of
 * several files each has its name before its keys.
 */
export function parameterValues(...params: readonly unknown[]): [string, string][] {
  const files = params.filter(isRecord).flatMap((given) => Object.entries(given));
  return files.flatMap(([file, content]) => flatten(content, files.length > 1 ? [file] : []));
}

function flatten(value: unknown, path: readonly string[]): [string, string][] {
  if (isRecord(value)) return Object.entries(value).flatMap(([key, inner]) => flatten(inner, [...path, key]));
  return [[path.join('.'), typeof value === 'string' ? value : JSON.stringify(value)]];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
