import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseBoolean } from '@sluice/core/action/names.ts';
import { readModelName } from '@sluice/core/action/subject.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { expand } from '@sluice/core/action/expand.ts';
import { loadConfig, type LoadedConfig } from '@sluice/core/config/load.ts';
import type { EvidencePolicy } from '@sluice/core/evidence/policy.ts';
import type { CardConfig } from '@sluice/core/config/sections/card.ts';
import { factsOf } from '@sluice/core/project/facts.ts';
import type { ProjectPath } from '@sluice/core/project/given.ts';
import { pipelineOf } from '@sluice/core/project/pipeline.ts';
import { settleFile } from '@sluice/core/project/settle.ts';
import { isVersion } from '@sluice/core/action/names.ts';
import type { Encryption } from '@sluice/core/s3/connection.ts';
import type { RegisterWish } from '@sluice/core/ledger/registration.ts';
import type { INPUTS, Reason } from './definition.ts';
import { readEvidencePolicy } from '@sluice/core/evidence/policy-settings.ts';
import { goldenSchema } from '@sluice/core/registry/golden-keys.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { registryOf } from '@sluice/core/registry/index.ts';
import type { RegistrySettings } from '@sluice/core/registry/registry.ts';
import { readRegistry } from '@sluice/core/registry/settings.ts';
import { shortLived } from '@sluice/core/store/directory/hosted.ts';
import { readEncryption } from '@sluice/core/store/s3/encryption.ts';

type Context = ActionContext<(typeof INPUTS)[number]>;

/** A file somebody named, and how messages call the setting. */
export interface NamedFile {
  readonly file: string;
  readonly what: string;
}

/** How to get a model's own answers to golden requests. */
export interface GoldenSettings {
  readonly requests: NamedFile;
  readonly command: string;
  /** The setting, for messages. */
  readonly name: string;
  /** Folder the command runs in. */
  readonly base: string;
  readonly tolerance: number | undefined;
}

export interface RegisterSettings {
  readonly model: string;
  /** Absolute path of the file or folder. */
  readonly modelPath: string;
  readonly metrics?: NamedFile;
  /** The predictions named by the input: they win over what the gate left. */
  readonly predictionsInput?: NamedFile;
  /** The predictions of train.predictions: used when the gate left none. */
  readonly predictionsConfig?: NamedFile;
  /** Absolute; it may be absent. */
  readonly evidencePath: string;
  readonly policy: EvidencePolicy;
  /** How the model's own answers to golden requests are got; absent where none are recorded. */
  readonly golden?: GoldenSettings;
  /** Whether what is registered gets signed. */
  readonly attest: boolean;
  /** What the model card is to say. */
  readonly card: CardConfig;
  readonly store: {
    readonly uri: string;
    readonly base: string;
    /** Why what is put there goes with the job, a sentence. */
    readonly shortLived?: string | undefined;
  };
  /** How a store in S3 is to encrypt. */
  readonly encryption: Encryption | undefined;
  readonly registry: RegistrySettings;
  /** Folder that paths of sluice.yaml are relative to. */
  readonly base: string;
  readonly version: RegisterWish['version'];
  readonly dryRun: boolean;
}

/** An input that is set wins over sluice.yaml. */
export async function readSettings(context: Context): Promise<RegisterSettings> {
  const loaded = await loadConfig(context);
  const { inputs } = context;
  const { config } = loaded;
  const model = readModelName(inputs.model ?? config.model);
  const registry = readRegistry(config.registry, model, context.env, inputs.registry);
  const facts = factsOf(context, loaded, await pipelineOf(context, loaded));
  const modelPath = await namedFile(context, settleFile(facts, 'model-path', context.log, true), 'any');
  if (modelPath === undefined) {
    throw new UserError<Reason>(
      'bad-input',
      "No model is given. Set the input 'model-path', or train.model-path in sluice.yaml, to the file or folder of the model.",
    );
  }
  const policy = readEvidencePolicy(config.evidence, context.env);
  const metrics = await namedFile(context, settleFile(facts, 'metrics', context.log, false), 'file');
  const predictions = await namedFile(context, settleFile(facts, 'predictions', context.log, false), 'file');
  const evidencePath = await insideWorkspace(
    context.workspace,
    context.directory,
    inputs['evidence-path'] ?? '.sluice/evidence',
    { what: "input 'evidence-path'", kind: 'absent' },
  );
  const golden = await readGoldenSettings(context, loaded);
  return {
    model,
    modelPath: modelPath.file,
    ...(golden === undefined ? {} : { golden }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(predictions === undefined
      ? {}
      : { [inputs.predictions === undefined ? 'predictionsConfig' : 'predictionsInput']: predictions }),
    evidencePath,
    policy,
    attest: readAttest(inputs.attest, loaded, policy),
    card: config.card ?? {},
    store: readStore(context, loaded, registry),
    encryption: readEncryption(config.registry, context.env),
    registry,
    base: loaded.base,
    version: readVersion(inputs.version, inputs.bump, registry),
    dryRun: parseBoolean('dry-run', inputs['dry-run'], false),
  };
}

async function readGoldenSettings(
  { inputs, workspace, directory }: Context,
  { config, base }: LoadedConfig,
): Promise<GoldenSettings | undefined> {
  const given = "input 'golden'";
  const [value, name, folder] =
    inputs.golden === undefined
      ? [config.registry?.golden, 'registry.golden', base]
      : [parseYaml(inputs.golden, goldenSchema, { name: given, reason: 'bad-input' }), given, directory];
  if (value === undefined) return undefined;
  const what = `${name}.requests`;
  return {
    requests: {
      file: await insideWorkspace(workspace, folder, value.requests, { what, kind: 'file' }),
      what,
    },
    command: value.predict,
    name,
    base: folder,
    tolerance: value.tolerance,
  };
}

/** A version that deploy would refuse for want of a signature is not registered in the first place. */
function readAttest(
  input: string | undefined,
  { config }: LoadedConfig,
  { requireSignature }: EvidencePolicy,
): boolean {
  const attest = parseBoolean('attest', input, config.evidence?.attest ?? false);
  if (attest || !requireSignature) return attest;
  throw new UserError<Reason>(
    'evidence-missing',
    `sluice.yaml asks for a signature (${config.evidence?.attest === true ? 'evidence.attest: true' : 'evidence.require'}), but ${input === undefined ? 'evidence.attest is not true' : "the input 'attest' is false"}, so nothing would sign. Set evidence.attest: true, or ask for no signature.`,
    { decision: 'fail' },
  );
}

async function namedFile(
  { workspace }: Context,
  found: ProjectPath | undefined,
  kind: 'any' | 'file',
): Promise<NamedFile | undefined> {
  if (found === undefined) return undefined;
  const { what, given, base } = found;
  return { file: await insideWorkspace(workspace, base, given, { what, kind }), what };
}

function readStore(
  { inputs, env, directory }: Context,
  { config, base }: LoadedConfig,
  { type }: RegistrySettings,
): RegisterSettings['store'] {
  const at = (uri: string, folder: string): RegisterSettings['store'] => ({
    uri,
    base: folder,
    shortLived: shortLived(uri, env),
  });
  if (inputs.store !== undefined) return at(expand(inputs.store, "input 'store'", env), directory);
  const configured = config.registry?.store ?? registryOf(type).defaultStore;
  if (configured === undefined) {
    throw new UserError<Reason>(
      'bad-input',
      "No store is named. Set the input 'store', or registry.store in sluice.yaml, to where model bytes live, such as dir:/srv/models or s3://bucket/models.",
    );
  }
  return at(expand(configured, 'registry.store', env), base);
}

function readVersion(
  version: string | undefined,
  bump: string | undefined,
  { type }: RegistrySettings,
): RegisterWish['version'] {
  const { counts } = registryOf(type);
  if (counts !== undefined && (version !== undefined || (bump !== undefined && bump !== 'major'))) {
    throw new UserError<Reason>(
      'bad-input',
      `Input '${version === undefined ? 'bump' : 'version'}' is '${version ?? bump}', but with registry ${type} ${counts.why}. Leave 'version' and 'bump' empty, or use registry git.`,
    );
  }
  if (version !== undefined) {
    if (bump !== undefined && bump !== 'major') {
      throw new UserError<Reason>(
        'bad-input',
        `Both 'version' (${version}) and 'bump' (${bump}) are set. Set one.`,
      );
    }
    if (!isVersion(version)) {
      throw new UserError<Reason>(
        'bad-input',
        `Input 'version' is '${version}'. Write v and a semantic version, such as v2.0.0.`,
      );
    }
    return { exactly: version };
  }
  if (bump === undefined || bump === 'major' || bump === 'minor' || bump === 'patch') {
    return { bump: bump ?? 'major' };
  }
  throw new UserError<Reason>('bad-input', `Input 'bump' is '${bump}'. Allowed: major, minor, patch.`);
}

/** The folder where the gate left its numbers: beside the evidence. */
export function gateFolder(evidencePath: string): string {
  return path.join(path.dirname(evidencePath), 'gate');
}
