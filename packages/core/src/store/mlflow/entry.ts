import { mkdtemp, readFile, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { errorMessage } from '../../action/errors.ts';
import { downloadFile } from '../../mlflow/download.ts';
import type { Publication, Site } from '../../mlflow/site.ts';
import { LARGEST_DESCRIPTION, damaged, requireDescribed, storedFilesSchema } from '../description.ts';

/** Folder of the run's artifacts for everything that is not the model. */
export const COMPANIONS = 'sluice/';
/** Name of the file in a run's artifacts that describes the model. */
export const entryName = `${COMPANIONS}entry.json`;

const entrySchema = z.object({
  kind: z.enum(['file', 'folder']),
  /** What the names of the model's files begin with in MLflow. */
  prefix: z.string(),
  files: storedFilesSchema,
  /** Names of what earlier releases put beside the model without its digest. */
  companions: z.array(z.string()),
});

/** What `entry.json` says: which of the files are the model, and what lies beside it. */
export type PublishedEntry = z.infer<typeof entrySchema>;

/** Reads the description of a published model; undefined where there is none. Throws `evidence-mismatch` for one of another model. */
export async function readEntry(
  site: Site,
  publication: Publication,
  digest: string,
): Promise<PublishedEntry | undefined> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-mlflow-'));
  try {
    const size = { most: LARGEST_DESCRIPTION };
    const wanted = { name: entryName, to: path.join(folder, 'entry.json'), size, signal: site.signal };
    const found = await downloadFile(site.api, publication.runPlace, wanted);
    return found && parseEntry(await readFile(found.file, 'utf8'), digest, publication);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parseEntry(text: string, digest: string, { run }: Publication): PublishedEntry {
  const where = `${entryName} of MLflow's run ${run.info.run_id}`;
  const remedy = 'Delete that run in MLflow and register the model again.';
  let entry: PublishedEntry;
  try {
    entry = z.parse(entrySchema, JSON.parse(text));
  } catch (error) {
    throw damaged(where, errorMessage(error), remedy, error);
  }
  requireDescribed(entry, digest, where, remedy);
  return entry;
}
