/** What a server may take of time and bytes, whatever it answers. */
export interface S3Limits {
  /** Longest time for one command with all its tries, in ms; bytes of an object that is read come after it. */
  readonly callMs: number;
  /** The same where the command brings up to 500 MB along. */
  readonly uploadMs: number;
  /** What an object may take beside the time for its bytes, in ms. */
  readonly objectMs: number;
  /** Half the first wait before an object is read on after a break, in ms; doubled with each further break. */
  readonly breakMs: number;
  /** Bytes of an answer that is no object: a listing, a refusal. A page of a thousand long keys has 5 MiB. */
  readonly answerBytes: number;
  /** Pages of a listing, each of a thousand entries. */
  readonly pages: number;
}

export const S3_LIMITS: S3Limits = {
  callMs: 6 * 60_000,
  uploadMs: 30 * 60_000,
  objectMs: 5 * 60_000,
  breakMs: 100,
  answerBytes: 64 * 2 ** 20,
  pages: 10_000,
};
