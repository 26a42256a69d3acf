import { UserError } from './errors.ts';

/** GTO's artifact name without `/`, which would make one model's refs a folder of another's. */
const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;
const LONGEST = 100;

const NUMBER = '(?:0|[1-9]\\d*)';
const PRERELEASE_PART = `(?:${NUMBER}|\\d*[a-zA-Z-][0-9a-zA-Z-]*)`;
/** A full Semantic Version 2.0, as a part of a regular expression. */
export const SEMVER =
  `${NUMBER}\\.${NUMBER}\\.${NUMBER}` +
  `(?:-${PRERELEASE_PART}(?:\\.${PRERELEASE_PART})*)?` +
  '(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?';
const MODEL_VERSION = new RegExp(`^v${SEMVER}$`);

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

/** Whether a text names a version of a model, as tags write it: `v` and a full Semantic Version 2.0. Safe as a folder's name. */
export function isVersion(text: string): boolean {
  return MODEL_VERSION.test(text);
}

/** Returns a version input, undefined when it is not set. Throws `bad-input` for what is no version. */
export function parseVersion(name: string, given: string | undefined): string | undefined {
  if (given === undefined || isVersion(given)) return given;
  throw new UserError('bad-input', `Input '${name}' is '${given}'. Write a version such as v1.0.0.`);
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
