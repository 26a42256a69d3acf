import type { FileDigest } from '../../digest/files.ts';

/** GitHub takes assets below 2 GiB. */
export const LARGEST_ASSET = 2 ** 31 - 1;
/** GitHub takes 1,000 assets for a release; some are left for what lies beside the model. */
export const MOST_PACKS = 960;
/** Of a model with more files, small ones share an asset: GitHub wants no more than 80 requests a minute that make something. */
const MOST_SEPARATE = 30;
/** A larger file is an asset of its own, and smaller ones share one until it has this size, in bytes. */
const COMFORTABLE = 128 << 20;

/** Files that lie one after the other in one asset. */
export interface Pack {
  readonly files: readonly FileDigest[];
  readonly bytes: number;
}

/**
 * Packs files into assets, in the order they come in. Few files have an asset each, so that whoever has nothing but curl can
 * fetch them; of many, any two neighbours together exceed the size aimed at, so there are never more than twice the total
 * over that size. Files without bytes need no asset. Undefined where the limits of a release do not allow it; no file may
 * exceed LARGEST_ASSET.
 */
export function packFiles(files: readonly FileDigest[]): Pack[] | undefined {
  if (files.length <= MOST_SEPARATE) return files.map((file) => ({ files: [file], bytes: file.bytes }));
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const aim = Math.min(LARGEST_ASSET, Math.max(COMFORTABLE, Math.ceil((2 * total) / (MOST_PACKS - 1))));
  const packs: { files: FileDigest[]; bytes: number }[] = [];
  for (const file of files) {
    const last = packs.at(-1);
    if (last === undefined || last.bytes + file.bytes > aim) packs.push({ files: [file], bytes: file.bytes });
    else {
      last.files.push(file);
      last.bytes += file.bytes;
    }
  }
  return packs.length <= MOST_PACKS ? packs : undefined;
}
