import type { S3 } from '../../s3/connection.ts';
import { DESCRIPTION, MODEL } from '../description.ts';
import type { StoreContext } from '../store.ts';

/** A model's place in a bucket. */
export interface S3Place extends StoreContext {
  readonly s3: S3;
  readonly bucket: string;
  /** What the keys of everything that belongs to the model begin with, without a slash at its end. */
  readonly entry: string;
  readonly model: string;
  readonly digest: string;
}

/** Objects that are transferred at once; small ones mostly wait for the server. */
export const AT_ONCE = 32;

/** Key of the description, whose presence makes the model one that is there. */
export const entryKey = ({ entry }: S3Place): string => `${entry}/${DESCRIPTION}`;

/** Key of a file of the model. */
export const fileKey = ({ entry }: S3Place, file: string): string => `${entry}/${MODEL}/${file}`;

/** Key of what lies beside the model: by its digest, so that what two jobs write at the same time never mixes. */
export const companionKey = (
  { entry }: S3Place,
  { name, sha256 }: { readonly name: string; readonly sha256: string },
): string => `${entry}/companions/${sha256}/${name}`;
