import { parseS3Uri } from '../../s3/location.ts';
import type { StoreKind } from '../store.ts';
import { s3Store } from './store.ts';

/** A bucket, and what all keys begin with. */
export const s3Kind: StoreKind = {
  example: 's3://bucket/prefix',
  words: 'a bucket in S3',
  open(uri, step) {
    const { bucket, key } = parseS3Uri(uri, 'The store');
    return s3Store({ bucket, key: key.replace(/\/+$/, '') }, step);
  },
};
