import { createContext, Script } from 'node:vm';
import { UserError, errorCode } from '../action/errors.ts';

/** A pattern that backtracks without end must not hold the job until its timeout. */
const PATTERN_TIMEOUT_MS = 30_000;

/** Why a text is no regular expression (ECMA-262), or undefined. */
export function patternFault(pattern: string): string | undefined {
  return compile(pattern) === undefined
    ? `the pattern '${pattern}' is not a regular expression (ECMA-262).`
    : undefined;
}

/**
 * The values that a pattern does not match anywhere (ODCS patterns are ECMA-262, so JavaScript's own engine judges
 * them; anchors are up to the pattern). Throws `timeout` naming the pattern when it takes longer.
 */
export function notMatching(
  pattern: string,
  values: readonly string[],
  timeoutMs = PATTERN_TIMEOUT_MS,
): string[] {
  const expression = compile(pattern);
  if (expression === undefined) throw new TypeError(`not a pattern: ${pattern}`);
  const context = createContext({ values, expression, found: [] as string[] });
  try {
    new Script('for (const value of values) if (!expression.test(value)) found.push(value);').runInContext(
      context,
      {
        timeout: timeoutMs,
      },
    );
  } catch (error) {
    if (errorCode(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new UserError(
      'timeout',
      `The pattern '${pattern}' takes longer than ${timeoutMs / 1000} s on ${values.length} values. Nested repetitions such as (a+)+ do this; write it without.`,
    );
  }
  return context['found'] as string[];
}

/** With the `u` flag first; older patterns hold escapes that only the plain syntax allows. */
function compile(pattern: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}
