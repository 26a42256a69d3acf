/** How what is shown at a commit ends; all but the last are decisions of a step. */
export type Ending = 'pass' | 'warn' | 'fail' | 'error' | 'cancelled';

/** A remark at a line of a file. */
export interface Annotation {
  /** Relative to the repository's root, with forward slashes. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly level: 'failure' | 'warning' | 'notice';
  readonly title: string;
  /** One sentence, plain text. */
  readonly message: string;
}

/** What is shown when the work is done. */
export interface Finish {
  readonly ending: Ending;
  /** One line, plain text. */
  readonly title: string;
  /** Markdown, at most 65,535 characters. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
}

/** What a commit shows of a step: begun, and to be completed. */
export interface CommitMark {
  /** Throws ForgeRefusal or ForgeUnavailable. */
  complete(finish: Finish): Promise<void>;
}

export interface MarkRequest {
  readonly name: string;
  /** The commit it is shown at. */
  readonly headSha: string;
  /** Where its "details" link leads; absent: the forge's own page, if any. */
  readonly detailsUrl?: string | undefined;
}

/** Cuts a line of plain text to at most `most` UTF-16 units, never inside a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 1;
  const inside = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return `${text.slice(0, inside ? end - 1 : end)}…`;
}
