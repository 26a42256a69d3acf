import { lstat } from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod/mini';
import type { Log } from '../../action/log.ts';
import { identified } from '../companions.ts';
import { storedFilesSchema } from '../description.ts';
import type { Companion } from '../store.ts';
import type { FileDigest } from '../../digest/files.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { trackProgress } from '../../transfer/progress.ts';
import type { MlflowApi } from '../../mlflow/api.ts';
import { uploadFile, uploadText } from '../../mlflow/artifacts.ts';
import type { Place } from '../../mlflow/place.ts';
import { MLMODEL, MODEL_FOLDER } from '../../mlflow/mlmodel.ts';
import type { Publication, Site } from '../../mlflow/site.ts';

/** Folder of the run's artifacts for everything that is not the model. */
export const COMPANIONS = 'sluice/';
/** Name of the file in a run's artifacts that describes the model. */
export const entryName = `${COMPANIONS}entry.json`;
const AT_ONCE = 4;

/** What `entry.json` says: which of the files are the model, and what lies beside it. */
export const entrySchema = z.object({
  kind: z.enum(['file', 'folder']),
  /** What the names of the model's files begin with in MLflow. */
  prefix: z.string(),
  files: storedFilesSchema,
  /** Names of what earlier releases put beside the model without its digest. */
  companions: z.array(z.string()),
});
export type PublishedEntry = z.infer<typeof entrySchema>;

/** What is published. */
export interface Material {
  readonly model: string;
  /** The model digest, hex. */
  readonly digest: string;
  readonly modelPath: string;
  readonly files: readonly FileDigest[];
  /** Files that make it a model for MLflow, by name, when it is none by itself. */
  readonly additions: ReadonlyMap<string, Companion>;
  readonly companions: ReadonlyMap<string, Companion>;
}

/** Files of the model first, its description last. */
export async function upload(
  { api, signal }: Site,
  { modelPlace, runPlace }: Publication,
  material: Material & {
    /** Sizes by name of what a run that broke off has uploaded: it is not sent again. */
    readonly present: ReadonlyMap<string, number>;
    readonly log: Log;
  },
): Promise<void> {
  const { modelPath, files, additions, companions, present, log } = material;
  const kind = (await lstat(modelPath)).isDirectory() ? 'folder' : 'file';
  const base = kind === 'folder' ? modelPath : path.dirname(modelPath);
  const prefix = files.some((file) => file.path === MLMODEL) && kind === 'folder' ? '' : MODEL_FOLDER;
  const missing = files.filter((file) => present.get(`${prefix}${file.path}`) !== file.bytes);
  if (missing.length < files.length)
    log.info(
      `MLflow has ${files.length - missing.length} of ${files.length} files from a run that broke off.`,
    );
  const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
  const what = `Uploading sha256:${material.digest.slice(0, 12)} to MLflow`;
  const progress = trackProgress({ log, what, bytes });
  await inParallel(missing, AT_ONCE, async (file) => {
    signal?.throwIfAborted();
    await uploadFile(api, modelPlace, `${prefix}${file.path}`, path.join(base, file.path), progress);
  });
  progress.done();
  await uploadAll(api, modelPlace, '', additions);
  await uploadCompanions({ api }, runPlace, companions);
  const entry: PublishedEntry = {
    kind,
    prefix,
    files: [...files],
    companions: [],
  };
  await uploadText(api, runPlace, entryName, `${JSON.stringify(entry, null, 2)}\n`);
}

/** Where something beside a model lies among the artifacts of its run. */
export const companionPath = ({ name, sha256 }: { readonly name: string; readonly sha256: string }): string =>
  `${COMPANIONS}${sha256}/${name}`;

/** Puts what lies beside a model, each under its digest; the same again is the same. */
export async function uploadCompanions(
  { api }: Pick<Site, 'api'>,
  place: Place,
  companions: ReadonlyMap<string, Companion>,
): Promise<void> {
  const files = await identified(companions);
  await uploadAll(api, place, '', new Map(files.map((one) => [companionPath(one), one.content])));
}

async function uploadAll(
  api: MlflowApi,
  place: Place,
  prefix: string,
  files: ReadonlyMap<string, Companion>,
): Promise<void> {
  await inParallel([...files], AT_ONCE, ([name, content]) =>
    'text' in content
      ? uploadText(api, place, `${prefix}${name}`, content.text)
      : uploadFile(api, place, `${prefix}${name}`, content.path),
  );
}
