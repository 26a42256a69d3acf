import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { closest } from 'fastest-levenshtein';
import type { ActionContext } from '../action/context.ts';
import { splitCommand } from '../action/command-line.ts';
import { UserError } from '../action/errors.ts';
import { parseName } from '../action/names.ts';
import { insideWorkspace } from '../action/paths.ts';
import { parseDuration } from '../schema/duration.ts';
import { expand } from '../action/expand.ts';
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { parseYaml } from '../schema/parse.ts';
import { targetSchema, type TargetConfig } from '../serving/targets/directory/schema.ts';
import { verifySchema, type VerifyConfig } from '../serving/verify-schema.ts';
import type { EvidencePolicy } from '../evidence/policy.ts';
import type { Verification } from '../rollout/effects.ts';
import { parseGolden, type GoldenCase } from '../serving/golden.ts';
import type { ServerAddress } from '../serving/server.ts';
import { readEvidencePolicy } from '../evidence/policy-settings.ts';
import type { RegistrySettings } from '../registry/registry.ts';
import { readRegistry } from '../registry/settings.ts';

/** Inputs about an environment, which `deploy` and `rollback` share. */
export type EnvironmentInput = 'environment' | 'target' | 'verify';

/** An environment as sluice.yaml and the inputs describe it, ready to use. */
export interface EnvironmentSettings {
  readonly model: string;
  readonly environment: string;
  /** Absolute path of the directory target. */
  readonly root: string;
  readonly keep: number;
  readonly reload?: Reload;
  readonly server?: ServerAddress;
  readonly verification: Verification;
  /** Folder that a relative store is relative to. */
  readonly base: string;
  readonly registry: RegistrySettings;
  readonly policy: EvidencePolicy;
  /** The file with the keys that signatures are verified with, relative to `base`; undefined: those that are published. */
  readonly trustedRoot?: string | undefined;
}

/** The team's reload command. */
export interface Reload {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT = '60s';
const DEFAULT_READY_COUNT = 3;
const DEFAULT_KEEP = 5;
/** Longest wait for one answer; a server that needs longer for one prediction does not serve anybody. */
const LONGEST_REQUEST_MS = 10_000;
const PAUSE_MS = 200;
const IN_MODEL = '{model-path}/';

/** A section of settings with what messages call it and the folder its paths are relative to. */
interface Section<T> {
  readonly value: T;
  readonly name: string;
  readonly folder: string;
}

/** Reads the environment's settings; an input that is set wins over the file. */
export async function readEnvironment(
  context: ActionContext<EnvironmentInput>,
): Promise<EnvironmentSettings> {
  const loaded = await loadConfig(context);
  const model = parseName('model', context.inputs.model ?? loaded.config.model);
  const environment = environmentName(context.inputs.environment, loaded);
  const target = targetSection(context, loaded, environment);
  const verify = verifySection(context, loaded, environment);
  const timeoutMs = parseDuration(verify.value.timeout ?? DEFAULT_TIMEOUT, `${verify.name}.timeout`);
  const server = serverAddress(target, context.env, timeoutMs);
  const verification = await readVerification(context, verify, timeoutMs);
  requireServer(verify, verification, server, target.name);
  return {
    model,
    environment,
    root: path.resolve(target.folder, expand(target.value.path, `${target.name}.path`, context.env)),
    keep: target.value.keep ?? DEFAULT_KEEP,
    ...(target.value.reload === undefined
      ? {}
      : { reload: reloadCommand(target.value.reload, target, context.env, timeoutMs) }),
    ...(server === undefined ? {} : { server }),
    verification,
    base: loaded.base,
    registry: readRegistry(loaded.config.registry, model, context.env),
    policy: readEvidencePolicy(loaded.config.evidence, context.env),
    trustedRoot: loaded.config.evidence?.['trusted-root'],
  };
}

/** With a single environment in the file nobody has to name it. */
function environmentName(given: string | undefined, { config }: LoadedConfig): string {
  const known = Object.keys(config.environments ?? {});
  if (given === undefined && known.length > 1) {
    throw new UserError(
      'bad-input',
      `No environment is named, and sluice.yaml has several: ${known.join(', ')}. Set the input 'environment'.`,
    );
  }
  return parseName('environment', given ?? known[0]);
}

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

function reloadCommand(
  command: string,
  { name, folder }: Section<TargetConfig>,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Reload {
  const argv = splitCommand(command, {}, env, `${name}.reload`);
  return { argv, cwd: folder, timeoutMs };
}

function serverAddress(
  { value, name }: Section<TargetConfig>,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): ServerAddress | undefined {
  if (value.url === undefined) return undefined;
  const url = expand(value.url, `${name}.url`, env);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol) || parsed.search !== '') {
    throw new UserError(
      'bad-config',
      `${name}.url is '${url}'. Write the base URL of the model server, such as http://127.0.0.1:8080.`,
    );
  }
  return {
    url,
    ready: value.ready ?? '/ready',
    versionPath: value['version-path'] ?? '/version',
    predict: value.predict ?? '/predict',
    requestTimeoutMs: Math.min(LONGEST_REQUEST_MS, timeoutMs),
  };
}

async function readVerification(
  context: ActionContext,
  { value, name, folder }: Section<VerifyConfig>,
  timeoutMs: number,
): Promise<Verification> {
  const files = typeof value.golden === 'string' ? [value.golden] : (value.golden ?? []);
  const golden: GoldenCase[] = [];
  for (const file of files.filter((f) => !f.startsWith(IN_MODEL))) {
    const absolute = await insideWorkspace(context.workspace, folder, file, {
      what: `${name}.golden`,
      kind: 'file',
    });
    golden.push(...parseGolden(await readFile(absolute, 'utf8'), file));
  }
  return {
    readyCount: value['ready-count'] ?? DEFAULT_READY_COUNT,
    patience: { timeoutMs, pauseMs: PAUSE_MS },
    golden,
    modelGolden: files.filter((f) => f.startsWith(IN_MODEL)).map((f) => insideModel(f, name)),
    ...(value.latency === undefined
      ? {}
      : { latencyP95Ms: parseDuration(value.latency.p95, `${name}.latency.p95`) }),
  };
}

function insideModel(file: string, name: string): string {
  const relative = path.posix.normalize(file.slice(IN_MODEL.length));
  if (!relative.startsWith('..') && !path.isAbsolute(relative)) return relative;
  throw new UserError('bad-input', `${name}.golden is '${file}', which leaves the model's folder.`);
}

/** A check that cannot be made must not look like one that passed. */
function requireServer(
  { value, name }: Section<VerifyConfig>,
  { golden, modelGolden, latencyP95Ms }: Verification,
  server: ServerAddress | undefined,
  targetName: string,
): void {
  if (server === undefined && (value.golden ?? value.latency) !== undefined) {
    throw new UserError(
      'bad-config',
      `${name} asks for golden predictions or a latency, but ${targetName} has no url to ask. Add the url of the model server.`,
    );
  }
  if (latencyP95Ms !== undefined && golden.length + modelGolden.length === 0) {
    throw new UserError(
      'bad-config',
      `${name}.latency is measured over the golden requests, but there are none. Set ${name}.golden.`,
    );
  }
}
