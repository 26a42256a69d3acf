import type { Git } from './git.ts';

/** One annotated tag of the ledger. */
export interface LedgerTag {
  readonly name: string;
  /** ISO 8601. */
  readonly time: string;
  /** First line of the message. */
  readonly event: string;
  readonly trailers: Readonly<Record<string, string>>;
}

const FIELDS = [
  '%(refname:strip=2)',
  '%(taggerdate:iso-strict)',
  '%(contents:subject)',
  '%(contents:trailers:unfold,only)',
];

/** Reads the ledger with git alone, oldest event first. */
export function readLedger(git: Git): LedgerTag[] {
  const text = git('for-each-ref', '--sort=taggerdate', `--format=${FIELDS.join('%00')}%01`, 'refs/tags');
  return text
    .split('\x01')
    .filter((record) => record.trim() !== '')
    .map((record) => {
      const [name = '', time = '', event = '', trailers = ''] = record.trim().split('\0');
      return { name, time, event, trailers: parseTrailers(trailers) };
    });
}

function parseTrailers(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .map((line) => /^([A-Za-z-]+): (.*)$/.exec(line))
      .flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? '']])),
  );
}
