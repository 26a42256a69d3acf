import type { InputRole } from '@sluice/core/evidence/making.ts';
import { modelSubjects } from '@sluice/core/evidence/passport.ts';
import { workflowOf } from '@sluice/core/evidence/run-details.ts';
import {
  provenanceStatement,
  type ProvenanceStatement,
  type Resource,
} from '@sluice/core/evidence/statement.ts';
import { runUrl } from '@sluice/core/action/run-url.ts';
import { argumentsWithoutSecrets } from '@sluice/core/action/secrets.ts';
import { VERSION } from '@sluice/core/action/version.ts';
import type { DataFile, FileSet } from '@sluice/core/data/files.ts';
import type { ModelDigest } from '@sluice/core/digest/model.ts';
import { descriptorOf } from '@sluice/core/evidence/descriptor.ts';
import type { Made } from './collect.ts';
import type { Origin } from './entry.ts';
import type { TrainSettings } from './inputs.ts';
import type { Recorded } from './recorded.ts';
import { lockedParams, lockedResources, type Reproduced } from './reproduced.ts';

/** Described in this action's README, section "Provenance". */
export const BUILD_TYPE = 'https://github.com/sluice-ml/sluice/blob/v1/actions/train/README.md#provenance';
const BUILDER = 'https://github.com/sluice-ml/sluice/blob/v1/actions/train/README.md#local';

export interface Story {
  readonly settings: TrainSettings;
  readonly recorded: Recorded;
  readonly made: Made;
  /** The run that made the model; on a cache hit an earlier one. */
  readonly origin: Origin;
  /** What DVC did, when a pipeline was reproduced. */
  readonly reproduced?: Reproduced;
  /** Key of the cache entry that the model was restored from. */
  readonly restored?: string;
}

/** The SLSA provenance of a model: what it was made from, by which run, and whether it was restored from the cache. */
export function provenance(story: Story, env: Readonly<NodeJS.ProcessEnv>): ProvenanceStatement {
  const { settings, recorded, made, origin, restored, reproduced } = story;
  return provenanceStatement(modelSubjects(settings.model, made.model), {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        command: argumentsWithoutSecrets(settings.command.argv),
        params: recorded.paramValues,
        ...(reproduced && { 'dvc-params': lockedParams(reproduced) }),
      },
      internalParameters: {
        platform: recorded.platform,
        ...(recorded.python === undefined ? {} : { python: recorded.python }),
        dirty: origin.dirty,
        ...(restored === undefined
          ? {}
          : { 'restored-from-cache': restored, 'restored-by': runUrl(env) ?? 'local' }),
      },
      resolvedDependencies: [
        ...dependencies(recorded, origin, env),
        ...(reproduced ? lockedResources(reproduced) : []),
      ],
    },
    runDetails: {
      builder: { id: workflowOf(env) ?? BUILDER, version: { sluice: VERSION } },
      metadata: {
        ...(origin.invocationId === undefined ? {} : { invocationId: origin.invocationId }),
        startedOn: origin.startedOn,
        finishedOn: origin.finishedOn,
      },
      byproducts: byproducts(settings, made),
    },
  });
}

function dependencies(recorded: Recorded, origin: Origin, env: Readonly<NodeJS.ProcessEnv>): Resource[] {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env;
  const address = server && repository ? { uri: `git+${server}/${repository}` } : {};
  const commit: Resource[] =
    origin.commit === undefined
      ? []
      : [{ name: 'checkout', ...address, digest: { gitCommit: origin.commit } }];
  const sources: Resource[] =
    recorded.sources === undefined ? [] : [{ name: 'sources', digest: { sha256: recorded.sources.digest } }];
  return [
    ...commit,
    ...sources,
    ...roleFiles(recorded).map(({ file, role }) => ({
      name: file.path,
      digest: { sha256: file.sha256 },
      ...descriptorOf(file.origin, { role }),
    })),
  ];
}

interface RoleFile {
  readonly file: DataFile;
  readonly role: InputRole;
}

/** Every data, parameter, environment and lock file once, by name, with what it was for. */
function roleFiles({ data, params, environment, lock }: Recorded): RoleFile[] {
  const sets: readonly (readonly [InputRole, FileSet | undefined])[] = [
    ['data', data],
    ['parameters', params],
    ['environment', environment],
    ['lock', lock],
  ];
  const files = new Map<string, RoleFile>();
  for (const [role, set] of sets) {
    for (const file of set?.files ?? []) {
      if (!files.has(file.path)) files.set(file.path, { file, role });
    }
  }
  return [...files.values()];
}

/** Every data, parameter, environment and lock file once, by name. */
export function dependencyFiles(recorded: Recorded): DataFile[] {
  return roleFiles(recorded).map(({ file }) => file);
}

function byproducts({ outputs }: TrainSettings, made: Made): Resource[] {
  const others = outputs.others.flatMap(({ name }, index) => filesOf(name, made.others[index]));
  const digests = new Map([
    ...others,
    ...(outputs.metrics && made.metricsDigest ? [[outputs.metrics.name, made.metricsDigest] as const] : []),
    ...(outputs.predictions && made.predictionsDigest
      ? [[outputs.predictions.name, made.predictionsDigest] as const]
      : []),
  ]);
  return [...digests].map(([name, sha256]) => ({ name, digest: { sha256 } }));
}

/** The files of an output with their digests, each file once where an output holds another. */
function filesOf(name: string, output: ModelDigest | undefined): [name: string, sha256: string][] {
  const isFile = output?.kind === 'file';
  return (output?.files ?? []).map((file) => [isFile ? name : `${name}/${file.path}`, file.sha256]);
}
