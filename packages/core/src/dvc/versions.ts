import { UserError } from '../action/errors.ts';
import type { StepLog } from '../action/log.ts';
import { hashFiles } from '../digest/parallel.ts';
import { openS3, type S3 } from '../s3/connection.ts';
import { downloadObject } from '../s3/download.ts';
import { parseS3Uri } from '../s3/location.ts';
import { LongObjectError } from '../s3/receive.ts';
import { inParallel } from '../transfer/parallel.ts';
import { connect } from './objects.ts';
import { putInPlace } from './place.ts';
import { remoteFor, type DvcProject } from './project.ts';
import { shownPath } from './tracked.ts';
import type { VersionPlace, WantedFile } from './wanted.ts';

interface VersionContext {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly signal: AbortSignal;
  readonly log: Pick<StepLog, 'info'>;
}

const AT_ONCE = 8;

/**
 * Reads files by the version that DVC recorded into the workspace, after each was compared with its md5. DVC keeps no copy
 * of them in its cache. Throws S3Failure for a version that is gone, and UserError `digest-mismatch` for other bytes.
 */
export async function readVersions(
  project: DvcProject,
  files: readonly WantedFile[],
  context: VersionContext,
): Promise<void> {
  if (files.length === 0) return;
  context.log.info(`Reading ${files.length} file(s) by the version that DVC recorded …`);
  const connections = new Map<string, S3>();
  const connection = (place: VersionPlace): S3 => {
    const name = place.base.kind === 'remote' ? place.base.name : '';
    const known = connections.get(name);
    if (known !== undefined) return known;
    const remote = place.base.kind === 'remote' ? remoteFor(project, name) : undefined;
    const opened = remote ? connect(remote, context.env, context.signal) : openS3(context);
    connections.set(name, opened);
    return opened;
  };
  await inParallel(files, AT_ONCE, async (file) => {
    context.signal.throwIfAborted();
    if (file.version !== undefined) await readVersion(project, file, file.version, connection(file.version));
  });
}

async function readVersion(
  project: DvcProject,
  { absolute, md5, bytes: most, algorithm }: WantedFile,
  place: VersionPlace,
  s3: S3,
): Promise<void> {
  const base =
    place.base.kind === 'remote' ? (remoteFor(project, place.base.name)?.url ?? '') : place.base.url;
  const uri = place.below === '' ? base : `${base.replace(/\/+$/, '')}/${place.below}`;
  const location = parseS3Uri(uri, `The place of ${shownPath(project, absolute)}`);
  const differs = (has: string, recorded: string): UserError =>
    new UserError<'digest-mismatch'>(
      'digest-mismatch',
      `${uri} version ${place.versionId} has ${has}, but DVC recorded ${recorded} for ${shownPath(project, absolute)}. The record or the bucket was changed; run 'dvc update' or 'dvc push' where the data is right.`,
      { decision: 'fail' },
    );
  await putInPlace(project.root, absolute, async (temporary) => {
    const request = { ...location, versionId: place.versionId, most };
    await downloadObject(s3, request, temporary).catch((error: unknown) => {
      if (!(error instanceof LongObjectError) || most === undefined) throw error;
      throw differs(`more than ${most} bytes`, String(most));
    });
    const [hashed] = await hashFiles([temporary], algorithm);
    if (md5 !== undefined && hashed?.hex !== md5) throw differs(`the md5 ${hashed?.hex ?? ''}`, md5);
  });
}
