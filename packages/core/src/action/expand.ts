import { UserError } from './errors.ts';

/**
 * Fills `${NAME}` and `${NAME:-default}` from the environment. Throws `bad-config` naming `where` for a name that is
 * unset and has no default.
 */
export function expand(text: string, where: string, env: Readonly<NodeJS.ProcessEnv>): string {
  return text.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (_all, name: string, fallback?: string) => {
      const value = env[name];
      if (value !== undefined && value !== '') return value;
      if (fallback !== undefined) return fallback;
      throw new UserError(
        'bad-config',
        `${where} is '${text}', but ${name} is not set. Set it in the job's env (for example from vars.${name}), or write \${${name}:-default}.`,
      );
    },
  );
}
