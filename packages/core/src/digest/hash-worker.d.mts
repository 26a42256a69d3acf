/** sha256 and md5 of the bytes; md5-dos2unix is what DVC before 3.0 computes, with CRLF in text taken for LF. */
export type Algorithm = 'sha256' | 'md5' | 'md5-dos2unix';

/** The digest of a file in hex, its size in bytes, and whether Git LFS left its pointer there in place of the file. */
export interface HashedFile {
  readonly hex: string;
  readonly bytes: number;
  readonly isPointer: boolean;
}

/** Digests one file, blocking. Throws Node's system errors. */
export function hashFile(algorithm: Algorithm, file: string): HashedFile;

/** What a worker thread answers for each file. */
export type Answer =
  | HashedFile
  | { readonly failure: { readonly message: string; readonly code?: string; readonly path: string } };
