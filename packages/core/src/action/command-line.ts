import parseArgsStringToArgv from 'string-argv';
import { UserError } from './errors.ts';
import { expand } from './expand.ts';

/** A quoted part; what is inside it is never an operator. */
const QUOTED = /"[^"]*"|'[^']*'/g;
const SHELL_OPERATOR = /(?:^|\s)(&&|\|\|?|;|&|>>?|<|2>&1)(?=\s|$)/;
/** `${NAME}`, `${NAME:-default}` or `{placeholder}`. */
const BLANK = /\$\{[^}]*\}|\{([a-z][a-z0-9-]*)\}/g;

/**
 * Splits a command line into program and arguments: quotes group, nothing else is interpreted. Only then fills
 * `{placeholder}` and, where `env` is given, `${NAME}` inside single arguments, so that a value never becomes two
 * arguments or a shell word. Throws `bad-config` naming `where` for an empty or unreadable line, a shell operator
 * and an unknown placeholder.
 */
export function splitCommand(
  text: string,
  placeholders: Readonly<Record<string, string>>,
  env: Readonly<NodeJS.ProcessEnv> | undefined,
  where: string,
): string[] {
  refuseShell(text, where);
  const known = Object.keys(placeholders);
  return parseArgsStringToArgv(text).map((argument) =>
    argument.replace(BLANK, (blank, name: string | undefined) => {
      if (name === undefined) return env === undefined ? blank : expand(blank, where, env);
      if (known.length === 0) return blank;
      const value = Object.hasOwn(placeholders, name) ? placeholders[name] : undefined;
      if (value !== undefined) return value;
      throw new UserError(
        'bad-config',
        `${where} has the unknown placeholder '${blank}'. Known: ${known.map((k) => `{${k}}`).join(', ')}.`,
      );
    }),
  );
}

function refuseShell(text: string, where: string): void {
  const bare = text.trim().replace(QUOTED, 'q');
  const refuse = (problem: string): never => {
    throw new UserError(
      'bad-config',
      `${where} ${problem} It is one command that runs without a shell; put more than that into a script and name it here.`,
    );
  };
  if (bare === '') refuse('is empty.');
  if (/["']/.test(bare)) refuse(`has a quote that is not closed: ${text.trim()}.`);
  if (bare.includes('\n')) refuse('has more than one line.');
  const operator = SHELL_OPERATOR.exec(bare)?.[1];
  if (operator !== undefined) refuse(`has the shell operator '${operator}'.`);
}
