import { copyFile } from 'node:fs/promises';
import { LIMITS, readBoundedText } from '../action/limits.ts';
import { commandFailure, runCommand } from '../action/command.ts';
import { UserError, isUserError } from '../action/errors.ts';
import type { StepLog } from '../action/log.ts';
import { exists } from '../digest/exists.ts';
import { inParallel } from '../transfer/parallel.ts';
import { trackProgress } from '../transfer/progress.ts';
import {
  cachePath,
  damagedObject,
  fetchObject,
  missingInCache,
  objectPath,
  openRemote,
  type BoundObject,
  type ObjectName,
  type RemoteReader,
} from './objects.ts';
import { dvcEnvironment, importEnvironment } from './credentials.ts';
import { refuseForeignSource } from './foreign-folder.ts';
import { putInPlace } from './place.ts';
import { remoteFor, type DvcProject, type Remote } from './project.ts';
import { shownPath, type Tracked } from './tracked.ts';
import { parseTree, type TreeEntry } from './tree.ts';
import { readVersions } from './versions.ts';
import type { WantedFile } from './wanted.ts';

/** What reading from a remote needs of the step. */
export interface PullContext {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly signal: AbortSignal;
  readonly log: StepLog;
  readonly timeoutMs: number;
}

/** Files that are copied at once. */
const AT_ONCE = 16;

/**
 * The files of a folder, from the list that DVC keeps of them in cache and remote. Undefined when the entry has none, or
 * neither place has it. Throws UserError when the remote cannot be asked.
 */
export async function listedFiles(
  project: DvcProject,
  { entry, recorded }: Tracked,
  context: PullContext,
): Promise<TreeEntry[] | undefined> {
  if (entry.md5?.endsWith('.dir') !== true) return undefined;
  const name: ObjectName = { md5: entry.md5, algorithm: entry.algorithm };
  if ((await missingInCache(project, [name])).length > 0) {
    const remote = remoteFor(project, entry.remote);
    const reader = remote && (await openRemote(remote, project, context));
    const found =
      reader !== undefined &&
      (await fetchObject(project, reader, { ...name, most: LIMITS.listings.bytes }, () => undefined));
    if (!found) return undefined;
  }
  const place = `The list of files ${objectPath(name)} that ${recorded.name} names`;
  return parseTree(
    await readBoundedText(cachePath(project, name), {
      name: place,
      reason: 'bad-config',
      limit: LIMITS.listings,
    }),
    place,
  );
}

/**
 * Brings files into the workspace that are not there: from the cache, from the remote, or by `dvc pull` where only DVC
 * can read the remote. Every file is compared with its md5 on the way. Returns how many were missing.
 */
export async function pullMissing(
  project: DvcProject,
  tracked: Tracked,
  wanted: readonly WantedFile[],
  context: PullContext,
): Promise<number> {
  const present = await inParallel(wanted, AT_ONCE, ({ absolute }) => exists(absolute));
  const missing = wanted.filter((_, index) => present[index] === false);
  if (missing.length === 0 || !tracked.entry.cached) return 0;
  const versioned = missing.filter(({ version }) => version !== undefined);
  await readVersions(project, versioned, context);
  const named = missing.filter((file) => file.version === undefined);
  if (named.length > 0 && !(await pullByName(project, tracked, named, context))) {
    await dvcPull(project, tracked, context);
  }
  return missing.length;
}

/** Returns false when DVC itself has to do it. */
async function pullByName(
  project: DvcProject,
  tracked: Tracked,
  files: readonly WantedFile[],
  context: PullContext,
): Promise<boolean> {
  const names = new Map<string, BoundObject>();
  for (const { md5, algorithm, bytes } of files) {
    if (md5 !== undefined) names.set(md5, { md5, algorithm, most: bytes ?? tracked.entry.bytes });
  }
  const lacking = await missingInCache(project, [...names.values()]);
  const remote = lacking.length === 0 ? undefined : remoteFor(project, tracked.entry.remote);
  const reader = remote && (await openRemote(remote, project, context));
  if (remote !== undefined && reader === undefined) return false;
  const absent = lacking.length === 0 ? [] : await fetchAll(project, tracked, lacking, reader, context);
  if (absent.length > 0) {
    if (importedFrom(tracked) !== undefined) return false;
    throw notPushed(tracked.recorded.name, remote?.name ?? '', absent);
  }
  await inParallel(files, AT_ONCE, async ({ absolute, md5, algorithm }) => {
    context.signal.throwIfAborted();
    if (md5 === undefined) return;
    await putInPlace(project.root, absolute, (temporary) =>
      copyFile(cachePath(project, { md5, algorithm }), temporary),
    );
  });
  return true;
}

/** Returns the objects that the remote does not have. */
async function fetchAll(
  project: DvcProject,
  tracked: Tracked,
  names: readonly BoundObject[],
  reader: RemoteReader | undefined,
  { log, signal }: PullContext,
): Promise<ObjectName[]> {
  const { entry, recorded } = tracked;
  if (reader === undefined) {
    if (importedFrom(tracked) !== undefined) return [...names];
    throw noRemote(recorded.name);
  }
  const what = `Pulling ${names.length} ${names.length === 1 ? 'file' : 'files'} of ${recorded.name} from the DVC remote '${reader.name}'`;
  log.info(`${what} …`);
  let read = 0;
  const progress = trackProgress({ log, what, bytes: entry.bytes ?? 0 });
  const found = await inParallel(names, AT_ONCE, async (name) => {
    signal.throwIfAborted();
    return fetchObject(project, reader, name, (bytes) => {
      read += bytes;
      progress.add(bytes);
      // The list of a folder has no sizes; its record has the sum of them.
      if (read > (entry.bytes ?? Infinity)) {
        throw damagedObject(
          reader,
          name,
          `with it the files have more than the ${entry.bytes ?? 0} bytes of ${recorded.name}`,
        );
      }
    });
  });
  const absent = names.filter((_, index) => found[index] === false);
  if (absent.length === 0) log.info(`${what}: ${read} bytes, each file compared with its md5.`);
  return absent;
}

/** The repository that `dvc import` took an entry from; such data is not pushed again, and only DVC can go there. */
function importedFrom({ origin }: Tracked): string | undefined {
  return origin.kind === 'file' ? origin.imported?.repo?.url : undefined;
}

async function dvcPull(
  project: DvcProject,
  tracked: Tracked,
  { env, log, signal, timeoutMs }: PullContext,
): Promise<void> {
  const { absolute, recorded, entry } = tracked;
  const source = importedFrom(tracked);
  if (source !== undefined) {
    await refuseForeignSource(`The repository that ${recorded.name} imports from`, source, {
      ...project,
      env,
    });
  }
  const remote = source === undefined ? remoteFor(project, entry.remote) : undefined;
  const own = remote === undefined ? importEnvironment(source ?? '', env) : dvcEnvironment(remote, env);
  const place = `the pull of ${recorded.name}`;
  // Behind `--` a name such as --jobs=1.csv is a file and no option.
  const argv = ['dvc', 'pull', '--', shownPath(project, absolute)];
  try {
    const end = await log.group(`Pulling ${recorded.name} with dvc`, () =>
      runCommand({ argv, cwd: project.root, env: own, log, signal, timeoutMs, place, left: 'end' }),
    );
    const failure = commandFailure(end, place);
    if (failure !== undefined) {
      throw new UserError('service-unavailable', `${failure} Its output is in the log.`);
    }
  } catch (error) {
    if (!isUserError(error) || error.reasonCode !== 'missing-file') throw error;
    throw new UserError('missing-file', needsDvc(recorded.name, remote, source), { cause: error });
  }
}

function needsDvc(recorded: string, remote: Remote | undefined, source: string | undefined): string {
  if (remote === undefined) {
    return `${recorded} tracks data that is not here and was imported from ${source ?? ''}, where only DVC finds it. Install it before this step: 'pip install dvc', with the extra of that repository's remote.`;
  }
  const kind = remote.url.split(':')[0] ?? '';
  return `${recorded} tracks data that is not here, and its remote '${remote.name}' is of the kind ${kind}, which only DVC reads. Install it before this step: 'pip install "dvc[${kind}]"'. Folders and S3 are read without DVC.`;
}

function noRemote(recorded: string): UserError {
  return new UserError(
    'missing-file',
    `${recorded} tracks data that is not here, and .dvc/config names no default remote to pull it from. Run 'dvc remote default <name>' and commit .dvc/config, or bring the data in a step before.`,
  );
}

function notPushed(recorded: string, remote: string, absent: readonly ObjectName[]): UserError {
  const first = absent[0] === undefined ? '' : objectPath(absent[0]);
  return new UserError(
    'missing-file',
    `${recorded} tracks data that is neither here nor in the DVC remote '${remote}': ${absent.length} object(s) are missing, first ${first}. Run 'dvc push' where the data is, then this job again.`,
  );
}
