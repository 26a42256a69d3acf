import { UserError } from './errors.ts';

/** GTO's artifact name without `/`, which would make one model's refs a folder of another's. */
const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;
const LONGEST = 100;

/** Returns the name of a model or environment, or throws `bad-input` saying what a name may look like. */
export function parseName(kind: 'model' | 'environment', given: string | undefined): string {
  if (given === undefined) {
    throw new UserError(
      'bad-input',
      `No ${kind} is named. Set the input '${kind}'${kind === 'model' ? " or 'model:' in sluice.yaml" : ''}.`,
    );
  }
  if (!NAME.test(given) || given.length > LONGEST) {
    throw new UserError(
      'bad-input',
      `The ${kind} name '${given}' is not allowed. Use 1 to ${LONGEST} letters, digits, '-' or '_', beginning and ending with a letter or digit, such as 'flight-delay'.`,
    );
  }
  return given;
}

/** Returns a yes/no input (`true`/`false` in any case), `fallback` when it is not set, or throws `bad-input`. */
export function parseBoolean(name: string, given: string | undefined, fallback: boolean): boolean {
  if (given === undefined) return fallback;
  const value = given.toLowerCase();
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw new UserError('bad-input', `Input '${name}' is '${given}'. Allowed: true, false.`);
}

/** Splits a list input: one item a line, blank lines dropped. */
export function parseLines(given: string | undefined): string[] | undefined {
  return given
    ?.split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
