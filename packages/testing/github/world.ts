/** What all parts of the double agree on. */
export const NOW = '2026-01-02T03:04:05Z';
export const REPOSITORY = 'https://api.github.com/repos/acme/flights';

let last = 1000;

/** A number that nothing else in the double has. */
export function nextId(): number {
  return ++last;
}
