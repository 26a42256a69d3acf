import { UserError } from '../action/errors.ts';

/** How a CSV file is written. Each mark is one ASCII character. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly quote: string;
  /** Stands before a quote inside a quoted field; equal to `quote` where quotes are doubled (RFC 4180). */
  readonly escape: string;
}

/** How the bytes of a data file are read. Without a given delimiter it is found by looking at the first lines. */
export type DataFormat =
  | { readonly type: 'csv'; readonly dialect?: Partial<CsvDialect> }
  | { readonly type: 'parquet' }
  | { readonly type: 'jsonl' };

const BY_EXTENSION: readonly (readonly [RegExp, DataFormat])[] = [
  [/\.(csv|txt)(\.gz)?$/i, { type: 'csv' }],
  [/\.tsv(\.gz)?$/i, { type: 'csv', dialect: { delimiter: '\t' } }],
  [/\.(parquet|pq)$/i, { type: 'parquet' }],
  [/\.(jsonl|ndjson)(\.gz)?$/i, { type: 'jsonl' }],
];

/** The format of a file by its name. Throws `bad-input` for an extension that is not known. */
export function formatOf(file: string): DataFormat {
  const found = BY_EXTENSION.find(([pattern]) => pattern.test(file));
  if (found !== undefined) return found[1];
  throw new UserError(
    'bad-input',
    `The format of '${file}' cannot be told from its name. Known: .csv, .tsv, .txt, .jsonl, .ndjson (each also with .gz), .parquet, .pq. Rename the file, or set the input 'format' to csv, parquet or jsonl.`,
  );
}

/** Whether a text file is compressed with gzip, by its name. */
export function isGzip(file: string): boolean {
  return file.toLowerCase().endsWith('.gz');
}
