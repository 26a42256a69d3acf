import { createHash } from 'node:crypto';
import { constants, createReadStream, rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError, errorCode, errorMessage } from '../action/errors.ts';
import { runHelper, type HelperEnd, type HelperRequest } from '../action/helper.ts';
import { makeScratch } from '../action/scratch.ts';
import { exists } from '../digest/exists.ts';
import { sha256File } from '../digest/files.ts';
import type { Log } from '../action/log.ts';
import { DUCKDB_RELEASE, type DuckdbPlatform } from './duckdb-release.ts';

const BINDING = 'duckdb.node';
const FETCH_TIMEOUT_MINUTES = 5;
/** What to do when DuckDB cannot be fetched or loaded. */
export const DUCKDB_REMEDY =
  "Configure the registry or proxy for npm (NPM_CONFIG_REGISTRY, the .npmrc of the user that runs the job, HTTPS_PROXY), or set the input 'duckdb-path' to a folder that holds duckdb.node and DuckDB's library (the npm package @duckdb/node-bindings-<platform>).";

interface InstallOptions {
  /** The input `duckdb-path`: a folder with an installed copy. Default: SLUICE_DUCKDB_PATH of the environment. */
  readonly given: string | undefined;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** What a relative `duckdb-path` is relative to. */
  readonly directory: string;
  readonly log: Pick<Log, 'info' | 'warning'>;
  readonly signal: AbortSignal;
}

/**
 * Returns the path of DuckDB's native binding, for this process alone to load: a copy, compared with the pinned digests, of
 * the given one, of the one in the tool cache, or of one fetched now through the npm client. Others may write into the
 * cache, so what lies there is verified each time. Concurrent jobs may share it: each unpacks beside it and renames.
 * Throws `service-unavailable` with the remedy when it cannot be had, `missing-file` or `bad-input` for a wrong
 * `duckdb-path`.
 */
export async function installDuckdb(options: InstallOptions): Promise<string> {
  const platform = duckdbPlatform();
  const given = options.given ?? (options.env['SLUICE_DUCKDB_PATH'] || undefined);
  if (given !== undefined) return givenBinding(given, platform, options);
  const installed = path.join(cacheRoot(options.env), 'duckdb', DUCKDB_RELEASE.version, platform);
  if (await exists(path.join(installed, BINDING))) {
    const copied = await verifiedCopy(installed, platform, options.env);
    if ('binding' in copied) return copied.binding;
    options.log.warning(
      `DuckDB in ${installed} is not what was put there: ${copied.problem}. It was not loaded, and is fetched again. Something wrote into the tool cache, such as a command of an earlier job on this runner: find out what.`,
    );
    await rm(installed, { recursive: true, force: true });
  }
  await fetchNow(installed, platform, options);
  const copied = await verifiedCopy(installed, platform, options.env);
  if ('binding' in copied) return copied.binding;
  throw new UserError(
    'service-unavailable',
    `DuckDB was fetched to ${installed}, but ${copied.problem}. It was not loaded. ${DUCKDB_REMEDY}`,
  );
}

async function fetchNow(installed: string, platform: DuckdbPlatform, options: InstallOptions): Promise<void> {
  options.log.info(
    `Fetching DuckDB ${DUCKDB_RELEASE.version} for ${platform} with npm (about 25 MB, once per runner) …`,
  );
  const started = Date.now();
  await fetchInto(installed, platform, options);
  options.log.info(
    `DuckDB is in ${installed} (${((Date.now() - started) / 1000).toFixed(1)} s, sha512 verified).`,
  );
}

async function givenBinding(
  given: string,
  platform: DuckdbPlatform,
  { directory, env }: InstallOptions,
): Promise<string> {
  const folder = path.resolve(directory, given);
  const what = `'duckdb-path' (or SLUICE_DUCKDB_PATH) is '${given}'`;
  const wanted = `Give the folder of the npm package @duckdb/node-bindings-${platform}@${DUCKDB_RELEASE.version}.`;
  if (!(await exists(path.join(folder, BINDING)))) {
    throw new UserError(
      'missing-file',
      `${what}, but ${path.join(folder, BINDING)} does not exist. ${wanted}`,
    );
  }
  const copied = await verifiedCopy(folder, platform, env);
  if ('binding' in copied) return copied.binding;
  throw new UserError('bad-input', `${what}, but ${copied.problem}. It was not loaded. ${wanted}`);
}

/**
 * Copies the native files into a folder of this process and digests the copies, so that nothing can be put in their place
 * between the check and the loading. The folder goes when the process ends; Windows lets no loaded library be removed, so
 * there it goes with the job's temporary folder.
 */
async function verifiedCopy(
  folder: string,
  platform: DuckdbPlatform,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<{ readonly binding: string } | { readonly problem: string }> {
  const own = await makeScratch(env, 'duckdb');
  if (process.platform !== 'win32') {
    process.once('exit', () => rmSync(own, { recursive: true, force: true }));
  }
  for (const [name, expected] of Object.entries(DUCKDB_RELEASE.files[platform])) {
    if (!(await exists(path.join(folder, name)))) return { problem: `${name} is missing` };
    await copyFile(path.join(folder, name), path.join(own, name), constants.COPYFILE_FICLONE);
    const found = await sha256File(path.join(own, name));
    if (found !== expected) return { problem: `${name} has the sha256 ${found}; expected is ${expected}` };
  }
  return { binding: path.join(own, BINDING) };
}

/** The package suffix for this machine. Throws `service-unavailable` on one DuckDB does not build for. */
export function duckdbPlatform(): DuckdbPlatform {
  const name = `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`;
  if (name in DUCKDB_RELEASE.integrity) return name as DuckdbPlatform;
  throw new UserError(
    'service-unavailable',
    `There is no DuckDB for ${name}. It exists for ${Object.keys(DUCKDB_RELEASE.integrity).join(', ')}. Run the job on one of them.`,
  );
}

/** Node reports the glibc it runs on; on Linux without one it is musl (Alpine). */
function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}

function cacheRoot(env: Readonly<NodeJS.ProcessEnv>): string {
  if (env['RUNNER_TOOL_CACHE']) return env['RUNNER_TOOL_CACHE'];
  if (process.platform === 'win32' && env['LOCALAPPDATA']) return path.join(env['LOCALAPPDATA'], 'sluice');
  return path.join(env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'sluice');
}

async function fetchInto(
  installed: string,
  platform: DuckdbPlatform,
  options: InstallOptions,
): Promise<void> {
  const parent = path.dirname(installed);
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(path.join(parent, `.${platform}-`));
  try {
    const tarball = await download(work, platform, options);
    await verify(tarball, platform);
    await unpack(work, path.basename(tarball), options);
    await place(path.join(work, 'package'), installed);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(work: string, platform: DuckdbPlatform, options: InstallOptions): Promise<string> {
  const spec = `@duckdb/node-bindings-${platform}@${DUCKDB_RELEASE.version}`;
  const late = AbortSignal.timeout(FETCH_TIMEOUT_MINUTES * 60_000);
  // With a project here npm looks for none, and its .npmrc, in the folders above.
  await writeFile(path.join(work, 'package.json'), '{}');
  // The destination goes by the environment: no path becomes part of a command line, which is a shell's on Windows.
  const { code, output } = await help(
    'npm',
    ['pack', spec, '--json', '--ignore-scripts', '--no-workspaces'],
    {
      folder: work,
      env: options.env,
      also: NPM,
      extra: { npm_config_pack_destination: work },
      signal: AbortSignal.any([options.signal, late]),
    },
  ).catch((error: unknown) => {
    throw late.aborted && !options.signal.aborted ? tooSlow(spec, error) : error;
  });
  const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'));
  if (code === 0 && tarball !== undefined) return path.join(work, tarball);
  throw new UserError(
    'service-unavailable',
    `npm could not fetch ${spec} (exit code ${String(code)}). ${DUCKDB_REMEDY}\n${lastLines(output)}`,
  );
}

function tooSlow(spec: string, cause: unknown): UserError {
  return new UserError(
    'timeout',
    `npm did not fetch ${spec} within ${FETCH_TIMEOUT_MINUTES} minutes. Is the registry reachable from this runner, and are its certificates trusted (NODE_EXTRA_CA_CERTS)? ${DUCKDB_REMEDY}`,
    { cause },
  );
}

async function verify(tarball: string, platform: DuckdbPlatform): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(tarball), hash);
  const found = `sha512-${hash.digest('base64')}`;
  const expected = DUCKDB_RELEASE.integrity[platform];
  if (found === expected) return;
  throw new UserError(
    'service-unavailable',
    `The package that npm fetched for DuckDB has the hash ${found}; expected is ${expected}. It was not used. The registry or mirror serves other bytes than the npm registry. ${DUCKDB_REMEDY}`,
  );
}

async function unpack(work: string, tarball: string, { env, signal }: InstallOptions): Promise<void> {
  const { code, output } = await help('tar', ['-xzf', tarball], { folder: work, env, signal });
  if (code === 0) return;
  throw new UserError(
    'service-unavailable',
    `tar could not unpack DuckDB's package (exit code ${String(code)}). Install tar, or free space in ${work}.\n${lastLines(output)}`,
  );
}

/** Renames the folder into the cache; another job having done so first is just as good. */
async function place(unpacked: string, installed: string): Promise<void> {
  try {
    await rename(unpacked, installed);
  } catch (error) {
    if (await exists(path.join(installed, BINDING))) return;
    throw new UserError(
      'no-permission',
      `DuckDB could not be placed into ${installed}: ${errorMessage(error)}. Remove what is there, or set RUNNER_TOOL_CACHE to a folder the job may write to.`,
      { cause: error },
    );
  }
}

/** Registry, cache and credentials of npm as the user or the workflow set them; setup-node's .npmrc reads the token. */
const NPM = /^(?:npm_config_\w+|NODE_AUTH_TOKEN|NPM_TOKEN)$/i;

/** A helper in the folder of this installation. Throws `service-unavailable` where the program is not there. */
async function help(program: string, args: readonly string[], request: HelperRequest): Promise<HelperEnd> {
  try {
    return await runHelper(program, args, request);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new UserError(
      'service-unavailable',
      `DuckDB has to be fetched, but ${program} was not found on PATH. Install it (for npm: actions/setup-node). ${DUCKDB_REMEDY}`,
    );
  }
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-8).join('\n');
}
