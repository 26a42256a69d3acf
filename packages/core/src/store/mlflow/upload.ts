import { lstat } from 'node:fs/promises';
import * as path from 'node:path';
import type { Log } from '../../action/log.ts';
import { identified } from '../companions.ts';
import type { Companion } from '../store.ts';
import type { FileDigest } from '../../digest/files.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { trackProgress } from '../../transfer/progress.ts';
import type { MlflowApi } from '../../mlflow/api.ts';
import { uploadFile, uploadText } from '../../mlflow/artifacts.ts';
import type { Place } from '../../mlflow/place.ts';
import { MLMODEL, MODEL_FOLDER } from '../../mlflow/mlmodel.ts';
import type { Publication, Site } from '../../mlflow/site.ts';
import { COMPANIONS, entryName, type PublishedEntry } from './entry.ts';

const AT_ONCE = 4;

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
  const { files, additions, companions, present, log } = material;
  const { kind, base, prefix } = await layoutOf(material);
  const missing = files.filter((file) => present.get(`${prefix}${file.path}`) !== file.bytes);
  if (missing.length < files.length)
    log.info(`MLflow has ${files.length - missing.length} of ${files.length} files from an earlier run.`);
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

/** How the files of a model lie in MLflow, and where they are here. */
export async function layoutOf({
  modelPath,
  files,
}: Pick<Material, 'modelPath' | 'files'>): Promise<
  Pick<PublishedEntry, 'kind' | 'prefix'> & { readonly base: string }
> {
  const kind = (await lstat(modelPath)).isDirectory() ? 'folder' : 'file';
  const isSaved = kind === 'folder' && files.some((file) => file.path === MLMODEL);
  return {
    kind,
    base: kind === 'folder' ? modelPath : path.dirname(modelPath),
    prefix: isSaved ? '' : MODEL_FOLDER,
  };
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
