import * as path from 'node:path';
import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import { insideWorkspace } from '../action/paths.ts';
import type { VersionRecord } from '../ledger/state.ts';
import type { Verification } from '../rollout/verification.ts';
import { parseDuration } from '../schema/duration.ts';
import type { Section } from '../schema/section.ts';
import { readGolden, type GoldenCase } from '../serving/golden.ts';
import { protocolOf } from '../serving/protocols/index.ts';
import type { Protocol } from '../serving/protocols/kind.ts';
import type { ServerAddress } from '../serving/server.ts';
import type { VerifyConfig } from '../serving/verify-schema.ts';

const DEFAULT_READY_COUNT = 3;
const PAUSE_MS = 200;
const DEFAULT_ANSWERS = 3;
const DEFAULT_SETTLE = '500ms';
const IN_MODEL = '{model-path}/';
/** What register-model recorded with the version. */
const RECORDED = 'recorded';

/** What must hold before a version counts as deployed, with the golden files of the repository read. */
export async function readVerification(
  context: Pick<ActionContext, 'workspace'>,
  { value, name, folder }: Section<VerifyConfig>,
  timeoutMs: number,
): Promise<Verification> {
  const files = typeof value.golden === 'string' ? [value.golden] : (value.golden ?? []);
  const golden: GoldenCase[] = [];
  for (const file of files.filter((f) => !f.startsWith(IN_MODEL) && f !== RECORDED)) {
    const absolute = await insideWorkspace(context.workspace, folder, file, {
      what: `${name}.golden`,
      kind: 'file',
    });
    golden.push(...(await readGolden(absolute, file)));
  }
  return {
    readyCount: value['ready-count'] ?? DEFAULT_READY_COUNT,
    patience: { timeoutMs, pauseMs: PAUSE_MS },
    settle: {
      answers: value.answers ?? DEFAULT_ANSWERS,
      ms: parseDuration(value.settle ?? DEFAULT_SETTLE, `${name}.settle`),
    },
    golden,
    recorded: files.length === 0 || files.includes(RECORDED),
    modelGolden: files.filter((f) => f.startsWith(IN_MODEL)).map((f) => insideModel(f, name)),
    ...(value.latency === undefined
      ? {}
      : { latencyP95Ms: parseDuration(value.latency.p95, `${name}.latency.p95`) }),
  };
}

/** How the model server is spoken to. Throws UserError `bad-config` for what the schema cannot see. */
export function readProtocol({ value, name, folder }: Section<VerifyConfig>): Protocol {
  const section = { value: value.protocol ?? 'json', name: `${name}.protocol`, folder };
  const protocol = protocolOf(section);
  return value['version-path'] === undefined
    ? protocol
    : { ...protocol, paths: { ...protocol.paths, version: undefined } };
}

function insideModel(file: string, name: string): string {
  const relative = path.posix.normalize(file.slice(IN_MODEL.length));
  if (!relative.startsWith('..') && !path.isAbsolute(relative)) return relative;
  throw new UserError('bad-input', `${name}.golden is '${file}', which leaves the model's folder.`);
}

/** A check that cannot be made must not look like one that passed. Throws `bad-config` where nobody can be asked. */
export function requireServer(
  { value, name }: Section<VerifyConfig>,
  server: ServerAddress | undefined,
  targetName: string,
): void {
  if (server === undefined && (value.golden ?? value.latency) !== undefined) {
    throw new UserError(
      'bad-config',
      `${name} asks for golden predictions or a latency, but ${targetName} has no url to ask. Add the url of the model server.`,
    );
  }
}

/** A latency without requests cannot be measured. Throws `bad-config` for a version that is deployed with none. */
export function requireRequests(
  { golden, modelGolden, recorded, latencyP95Ms }: Verification,
  { version, goldenDigest }: Pick<VersionRecord, 'version' | 'goldenDigest'>,
): void {
  if (latencyP95Ms === undefined || golden.length + modelGolden.length > 0) return;
  if (recorded && goldenDigest !== undefined) return;
  throw new UserError(
    'bad-config',
    `verify.latency is measured over the golden requests, but there are none, and ${version} was registered with none. Set verify.golden, or registry.golden for the next version.`,
  );
}
