import { closest } from 'fastest-levenshtein';
import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import type { RolloutPlan } from '../rollout/state.ts';
import type { Verification } from '../rollout/verification.ts';
import type { StrategyConfig } from '../rollout/strategies/schema.ts';
import { parseDuration } from '../schema/duration.ts';
import { parseYaml } from '../schema/parse.ts';
import type { Section } from '../schema/section.ts';
import { readTarget } from '../serving/targets/index.ts';
import type { ConfiguredTarget } from '../serving/targets/kind.ts';
import { targetSchema, type TargetConfig } from '../serving/targets/schema.ts';
import { verifySchema, type VerifyConfig } from '../serving/verify-schema.ts';
import { readProtocol, readVerification, requireServer } from './verification.ts';
import { readRestore } from './strategy.ts';
import { environmentName, readVersionSettings, type VersionSettings } from './version-settings.ts';

/** Inputs about an environment, which `deploy` and `rollback` share. */
export type EnvironmentInput = 'environment' | 'target' | 'verify';

/** An environment as sluice.yaml and the inputs describe it, ready to use. */
export interface EnvironmentSettings extends VersionSettings {
  readonly environment: string;
  readonly target: ConfiguredTarget;
  /** How sluice.yaml has a new version get the traffic; only a deployment follows it. */
  readonly strategySection: Section<StrategyConfig>;
  /** How the version before gets the traffic back when a rollout fails. */
  readonly restore: RolloutPlan['restore'];
  readonly verification: Verification;
}

const DEFAULT_TIMEOUT = '60s';

/** Reads the environment's settings; an input that is set wins over the file. */
export async function readEnvironment(
  context: ActionContext<EnvironmentInput>,
): Promise<EnvironmentSettings> {
  const loaded = await loadConfig(context);
  const version = readVersionSettings(context, loaded);
  const environment = environmentName(context.inputs.environment, loaded);
  const section = targetSection(context, loaded, environment);
  const verify = verifySection(context, loaded, environment);
  const timeoutMs = parseDuration(verify.value.timeout ?? DEFAULT_TIMEOUT, `${verify.name}.timeout`);
  const reading = { env: context.env, timeoutMs, protocol: readProtocol(verify) };
  const target = readTarget(section, reading);
  const verification = await readVerification(context, verify, timeoutMs);
  requireServer(verify, target.server, section.name);
  return {
    ...version,
    environment,
    target,
    strategySection: {
      value: config(loaded, environment)?.strategy ?? 'direct',
      name: `environments.${environment}.strategy`,
      folder: loaded.base,
    },
    restore: readRestore(config(loaded, environment)?.restore, `environments.${environment}.restore`, target),
    verification,
  };
}

const config = (
  { config: { environments } }: LoadedConfig,
  environment: string,
): NonNullable<LoadedConfig['config']['environments']>[string] | undefined => environments?.[environment];

function targetSection(
  context: ActionContext<EnvironmentInput>,
  { config, base }: LoadedConfig,
  environment: string,
): Section<TargetConfig> {
  const { target } = context.inputs;
  if (target !== undefined) {
    const name = "input 'target'";
    const value = parseYaml(target, targetSchema, { name, reason: 'bad-input' });
    return { value, name, folder: context.directory };
  }
  const value = config.environments?.[environment]?.target;
  if (value !== undefined) return { value, name: `environments.${environment}.target`, folder: base };
  const known = Object.keys(config.environments ?? {});
  if (known.length === 0) {
    throw new UserError(
      'bad-input',
      `sluice.yaml describes no environment '${environment}', and the input 'target' is empty. Add environments.${environment}.target to the file, or set the input: target: '{type: directory, path: /srv/models/${environment}}'.`,
    );
  }
  throw new UserError(
    'bad-input',
    `sluice.yaml has no environment '${environment}'. Did you mean '${closest(environment, known)}'? Known: ${known.join(', ')}.`,
  );
}

function verifySection(
  context: ActionContext<EnvironmentInput>,
  { config, base }: LoadedConfig,
  environment: string,
): Section<VerifyConfig> {
  const { verify } = context.inputs;
  if (verify === undefined) {
    const value = config.environments?.[environment]?.verify ?? {};
    return { value, name: `environments.${environment}.verify`, folder: base };
  }
  const name = "input 'verify'";
  const value = parseYaml(verify, verifySchema, { name, reason: 'bad-input' });
  return { value, name, folder: context.directory };
}
