import { UserError } from '../../action/errors.ts';

const KEY = /^[A-Za-z0-9](?:[A-Za-z0-9 ._+=:,/-]*[A-Za-z0-9])?$/;
/** 256 sections with keys as long as this fit into one comment. */
const LONGEST = 32;

/** Returns what tells this job from the others of its matrix, '' without a matrix, or throws `bad-input`. */
export function parseMatrixKey(given: string | undefined): string {
  if (given === undefined) return '';
  if (KEY.test(given) && given.length <= LONGEST) return given;
  throw new UserError(
    'bad-input',
    `Input 'matrix-key' is '${given}'. Allowed: 1 to ${LONGEST} letters, digits, spaces and . _ + = : , / -, beginning and ending with a letter or digit, such as \${{ matrix.region }} or \${{ strategy.job-index }}.`,
  );
}
