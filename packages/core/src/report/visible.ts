/**
 * Control characters other than tab and line breaks (ESC begins what a terminal obeys), and the marks that reorder the text
 * around them: a reader would see something else than what is there.
 */
const DECEPTIVE = /[\p{Cc}\p{Bidi_Control}]/gu;
const HARMLESS = '\t\n\r';

/** The text with a visible sign in place of each such character. */
export function visible(text: string): string {
  return text.replace(DECEPTIVE, (character) => (HARMLESS.includes(character) ? character : '\ufffd'));
}
