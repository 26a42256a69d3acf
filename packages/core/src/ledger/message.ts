/*
 * The message of a ledger tag: one sentence for people, a blank line, git trailers for programs.
 * What a person or a branch name contributed becomes one line, so it can never end the trailer it stands in.
 */

import { withoutSecrets } from '../action/secrets.ts';

/** Trailers the suite writes; others are kept when read. */
export type TrailerKey =
  | 'Model-Digest'
  | 'Passport-Digest'
  | 'Attestation-Digest'
  | 'Store'
  | 'Metrics'
  | 'Metrics-Digest'
  | 'Test-Set'
  | 'Predictions'
  | 'Golden-Digest'
  | 'Model-Card'
  | 'Code'
  | 'Data'
  | 'Parameters'
  | 'Environment'
  | 'Left-Out'
  | 'Run'
  | 'Sluice-Version'
  | 'Reason'
  | 'Actor'
  | 'From'
  | 'Gate'
  | 'Strategy'
  | 'Quarantine'
  | 'Write-Id'
  | 'Release-Quarantine'
  | 'Hold'
  | 'Release-Hold'
  | 'Pre-empted'
  | 'Forced'
  | 'Put-Back';

/** Trailers in the order they are written; an absent or empty value is left out. */
export type Trailers = readonly (readonly [TrailerKey, string | undefined])[];

const LONGEST_VALUE = 4000;

/** A tag message of a sentence and trailers. */
export function formatMessage(sentence: string, trailers: Trailers): string {
  const lines = trailers
    .map(([key, value]) => [key, oneLine(value ?? '')] as const)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}`);
  return `${oneLine(sentence)}\n${lines.length === 0 ? '' : `\n${lines.join('\n')}\n`}`;
}

const MOST_ENTRIES = 20;
const LONGEST_JSON = 2000;

/** What a trailer holds of a list: `text` is undefined where it holds nothing. */
export interface CompactList {
  readonly text: string | undefined;
  /** Entries that found no room. */
  readonly leftOut: number;
}

/** The first entries by name as JSON on one line, twenty at most and none cut in two. */
export function compactJson(values: Readonly<Record<string, number | string>>): CompactList {
  const all = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = all.slice(0, MOST_ENTRIES);
  while (entries.length > 0) {
    const text = JSON.stringify(Object.fromEntries(entries));
    if (text.length <= LONGEST_JSON) return { text, leftOut: all.length - entries.length };
    entries.pop();
  }
  return { text: undefined, leftOut: all.length };
}

/** The message with one more trailer at its end. */
export function addTrailer(message: string, key: TrailerKey, value: string): string {
  const gap = parseTrailers(message).size === 0 ? '\n' : '';
  return `${message}${gap}${key}: ${oneLine(value)}\n`;
}

/** The trailers of a message: the `Key: value` lines of its last paragraph, the first value of each key. */
export function parseTrailers(message: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of lastParagraph(message).split('\n')) {
    const colon = line.indexOf(':');
    const key = line.slice(0, Math.max(colon, 0)).trimEnd();
    if (KEY.test(key) && !found.has(key)) found.set(key, line.slice(colon + 1).trim());
  }
  return found;
}

/** The trailers of a tag that was read. */
export type ReadTrailers = Pick<ReadonlyMap<string, string>, 'get'>;

/** The trailers of a message, parsed when one that it may have is asked for: of a hundred thousand tags few are. */
export class LazyTrailers implements ReadTrailers {
  readonly #message: string;
  #parsed: ReadonlyMap<string, string> | undefined;

  constructor(message: string) {
    this.#message = message;
  }

  get(key: string): string | undefined {
    if (this.#parsed === undefined && !this.#message.includes(key)) return undefined;
    this.#parsed ??= parseTrailers(this.#message);
    return this.#parsed.get(key);
  }
}

const KEY = /^[A-Za-z0-9][A-Za-z0-9-]*$/;

/** The last paragraph of several, unfolded; a ledger may have a hundred thousand messages, most of them plain. */
function lastParagraph(message: string): string {
  let text = message;
  if (text.includes('-----BEGIN ')) text = text.replace(/^-----BEGIN [A-Z ]*SIGNATURE-----[^]*$/m, '');
  if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
  text = text.trim();
  if (/\n[ \t]/.test(text)) text = text.replace(/\n[ \t]+(?=\n)/g, '\n').replace(/\n[ \t]+/g, ' ');
  const gap = text.lastIndexOf('\n\n');
  return gap < 0 ? '' : text.slice(gap + 2);
}

/**
 * Text as one line without secrets: every line break, control character and mark that reorders text becomes a space, and the
 * whole is cut at 4,000 characters.
 */
export function oneLine(text: string): string {
  const line = withoutSecrets(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length <= LONGEST_VALUE ? line : `${characters.slice(0, LONGEST_VALUE - 1).join('')}…`;
}
