import { UserError } from '../action/errors.ts';
import { helperEnvironment } from '../action/helper.ts';
import { isTrustedOrigin, trustRemedy } from '../action/trusted-origins.ts';
import { shownAddress } from '../action/address.ts';
import type { Remote } from './project.ts';

/*
 * `.dvc/config` belongs to whoever sends a pull request. It may say where data is, and bring credentials of its own; the job's
 * credentials go to no server that only it names, and no program runs because it names one.
 */

type Environment = Readonly<NodeJS.ProcessEnv>;

/** The settings of a remote that the AWS variables have too; the variables of the job are for what it leaves open. */
const VARIABLES: readonly (readonly [setting: string, variable: string])[] = [
  ['endpointurl', 'AWS_ENDPOINT_URL_S3'],
  ['region', 'AWS_REGION'],
  ['profile', 'AWS_PROFILE'],
  ['access_key_id', 'AWS_ACCESS_KEY_ID'],
  ['secret_access_key', 'AWS_SECRET_ACCESS_KEY'],
  ['session_token', 'AWS_SESSION_TOKEN'],
];

/**
 * The environment with which a remote in S3 is read. Throws `bad-config` where the remote's settings would lead the job's
 * credentials to a server that the environment does not name, and for a region that is no word.
 */
export function s3Environment(remote: Remote, env: Environment): NodeJS.ProcessEnv {
  const { settings, name } = remote;
  const own = Object.fromEntries(
    VARIABLES.flatMap(([setting, variable]) => {
      const value = settings.get(setting);
      return value === undefined ? [] : [[variable, value] as const];
    }),
  );
  const region = settings.get('region');
  // The region becomes a part of the host's name.
  if (region !== undefined && !/^[a-z0-9-]+$/.test(region)) {
    throw new UserError(
      'bad-config',
      `The region of the DVC remote '${name}' is '${region}'. Write one such as eu-central-1.`,
    );
  }
  const endpoint = settings.get('endpointurl');
  if (
    endpoint === undefined ||
    isTrustedOrigin(endpoint, [env['AWS_ENDPOINT_URL_S3'], env['AWS_ENDPOINT_URL']], env)
  ) {
    return { ...env, ...own };
  }
  if (!settings.has('access_key_id') || !settings.has('secret_access_key'))
    throw untrusted(remote, 'endpointurl', 'AWS_ENDPOINT_URL_S3');
  const others = Object.entries(env).filter(
    ([variable]) => !/^AWS_(?!CA_BUNDLE$|MAX_ATTEMPTS$|S3_ADDRESSING_STYLE$)/.test(variable),
  );
  return { ...Object.fromEntries(others), ...own };
}

/** What DVC may need of the machine and the workflow, whatever it pulls from. */
const DVC =
  /^(?:DVC_\w+|PYTHON\w*|VIRTUAL_ENV|CONDA_\w+|PYENV_\w+|GIT_SSH\w*|SSH_AUTH_SOCK|SSH_AGENT_PID|SSH_ASKPASS\w*)$/;

/** The variables that sign in to a kind of remote; for the others there is none that DVC reads. */
const CREDENTIALS: Readonly<Record<string, RegExp>> = {
  s3: /^AWS_\w+$/,
  gs: /^(?:GOOGLE_\w+|GCLOUD_\w+|CLOUDSDK_\w+|GCP_\w+)$/,
  gdrive: /^(?:GDRIVE_CREDENTIALS_DATA|GOOGLE_\w+)$/,
  azure: /^AZURE_\w+$/,
  oss: /^OSS_\w+$/,
  hdfs: /^(?:HADOOP_\w+|JAVA_HOME|CLASSPATH|ARROW_LIBHDFS_DIR|KRB5\w*)$/,
  webhdfs: /^(?:HADOOP_\w+|KRB5\w*)$/,
};

/**
 * The environment of `dvc pull` for a remote: the machine's variables and those that sign in to this kind of remote. Throws
 * `bad-config` where the remote's settings would lead those to a server of its own choice, or have DVC run a program.
 */
export function dvcEnvironment(remote: Remote, env: Environment): NodeJS.ProcessEnv {
  const program = [...remote.settings.keys()].find((key) => /command$/.test(key));
  if (program !== undefined) {
    throw new UserError(
      'bad-config',
      `The DVC remote '${remote.name}' sets ${program}, which runs a program, and .dvc/config belongs to whoever sends a pull request. Pull the data in a step before, or remove the setting.`,
    );
  }
  for (const [setting, variable] of [
    ['endpointurl', 'SLUICE_TRUSTED_ORIGINS'],
    ['oss_endpoint', 'OSS_ENDPOINT'],
  ] as const) {
    const address = remote.settings.get(setting);
    if (address !== undefined && !isTrustedOrigin(address, [env[variable]], env))
      throw untrusted(remote, setting, variable);
  }
  // Azure has a host name for every account, so the account is the origin.
  const account = remote.settings.get('account_name');
  if (account !== undefined && account !== env['AZURE_STORAGE_ACCOUNT'])
    throw untrusted(remote, 'account_name', 'AZURE_STORAGE_ACCOUNT');
  const signIn = CREDENTIALS[remote.url.split(':')[0] ?? ''];
  return { ...helperEnvironment(env, DVC), ...(signIn === undefined ? {} : only(env, signIn)) };
}

/**
 * The environment of `dvc pull` for data that was imported from another repository, which names remotes of its own: credentials
 * go along only where the workflow trusts that repository's server.
 */
export function importEnvironment(repository: string, env: Environment): NodeJS.ProcessEnv {
  const trusted = isTrustedOrigin(repository, [], env);
  const all = Object.values(CREDENTIALS).map((pattern) => only(env, pattern));
  return Object.assign(helperEnvironment(env, DVC), ...(trusted ? all : [])) as NodeJS.ProcessEnv;
}

function only(env: Environment, pattern: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => pattern.test(name)));
}

function untrusted({ name, settings }: Remote, setting: string, variable: string): UserError {
  return new UserError(
    'bad-config',
    `${setting} of the DVC remote '${name}' is '${shownAddress(settings.get(setting) ?? '')}', and the job's credentials are not sent there. ${trustRemedy(variable)}`,
  );
}
