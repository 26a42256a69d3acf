import { UserError } from '../action/errors.ts';
import { expand } from '../action/expand.ts';
import type { MlmodelConfig } from '../mlflow/mlmodel-schema.ts';
import type { SiteSettings } from '../mlflow/site.ts';
import type { Encryption } from '../s3/connection.ts';
import type { RegistrySection } from './section.ts';

/** Which registry shows the versions beside the ledger, and where `mlflow:` is. */
export interface RegistrySettings {
  readonly type: 'git' | 'mlflow';
  readonly site: SiteSettings;
  readonly mlmodel?: MlmodelConfig;
}

/** Reads the section `registry` of sluice.yaml; `input`, the input of that name, wins over its type. */
export function readRegistry(
  section: RegistrySection | undefined,
  model: string,
  env: Readonly<NodeJS.ProcessEnv>,
  input?: string,
): RegistrySettings {
  const type = input ?? section?.type ?? 'git';
  if (type !== 'git' && type !== 'mlflow') {
    throw new UserError(
      'bad-input',
      `Input 'registry' is '${type}'. Allowed: git (the tags of the repository) and mlflow (an MLflow server as well).`,
    );
  }
  if (section?.type !== 'mlflow') {
    return { type, site: { trackingUri: undefined, experiment: model, name: model } };
  }
  const filled = (key: 'tracking-uri' | 'experiment' | 'name'): string | undefined => {
    const given = section[key];
    return given === undefined ? undefined : expand(given, `registry.${key}`, env);
  };
  return {
    type,
    site: {
      trackingUri: filled('tracking-uri'),
      experiment: filled('experiment') ?? model,
      name: filled('name') ?? model,
    },
    ...(section.mlmodel === undefined ? {} : { mlmodel: section.mlmodel }),
  };
}

/** How a store in S3 is to encrypt, as `registry.sse` and `registry.kms-key-id` say. Throws `bad-config` for a key without its kind. */
export function readEncryption(
  section: RegistrySection | undefined,
  env: Readonly<NodeJS.ProcessEnv>,
): Encryption | undefined {
  const { sse, 'kms-key-id': key } = section ?? {};
  if (key !== undefined && sse !== 'aws:kms') {
    throw new UserError(
      'bad-config',
      `registry.kms-key-id is '${key}', but registry.sse is ${sse === undefined ? 'not set' : `'${sse}'`}. Write sse: aws:kms, or leave kms-key-id out.`,
    );
  }
  if (sse === undefined || sse === 'AES256') return sse === undefined ? undefined : { sse };
  return { sse, kmsKeyId: key === undefined ? undefined : expand(key, 'registry.kms-key-id', env) };
}
