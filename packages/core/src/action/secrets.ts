/*
 * What must not be shown or stored. The runner hides masked values in its log only; statements, tags, results and summaries
 * are written here.
 */

/** How variables, inputs and options are called that hold what lets somebody in. */
const NAME =
  /(?:^|[_-])(?:token|secret|password|passwd|passphrase|credentials?|pat|connection[_-]?string|(?:api|access|secret|private|account|encryption|signing|master|auth|storage|subscription)[_-]?key)$|[_-]pwd$/i;
/** A shorter value, a plain word or number, or a path would be found where it does not stand for the secret. */
const TELLING = /^(?![a-z]+$|\d{1,15}$|(?:[a-z]:)?[\\/]).{8,}$/is;
const HIDDEN = '***';

const known = new Set<string>();

/** Hides a value from now on in all that passes through `withoutSecrets`; what is too short to be told apart is left. */
export function rememberSecret(value: string): void {
  for (const part of [value, ...value.split(/\r?\n/)]) {
    if (TELLING.test(part)) known.add(part);
  }
}

/** Remembers the values of the variables whose names say that they are secret, inputs of the step among them. */
export function rememberSecrets(env: Readonly<NodeJS.ProcessEnv>): void {
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && NAME.test(name)) rememberSecret(value);
  }
}

/** The text without known secrets, and without names and passwords in addresses. */
export function withoutSecrets(text: string): string {
  let safe = text;
  for (const secret of known) safe = safe.replaceAll(secret, HIDDEN);
  return safe
    .replace(/(?<=https?):\/\/[^/\s@?#]+@/gi, `://${HIDDEN}@`)
    .replace(/:\/\/([^/\s@:?#]*):[^/\s@]+@/g, `://$1:${HIDDEN}@`);
}

/** `withoutSecrets` for every text in a document. */
export function documentWithoutSecrets<T>(value: T): T {
  if (typeof value === 'string') return withoutSecrets(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => documentWithoutSecrets(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, documentWithoutSecrets<unknown>(inner)]),
  ) as T;
}

/** A command's arguments without the values of options and assignments that are called like a secret. */
export function argumentsWithoutSecrets(argv: readonly string[]): string[] {
  return argv.map((argument, index) => {
    const [, name, separator] = /^-{0,2}([A-Za-z][\w-]*)(=)?/.exec(argument) ?? [];
    if (separator !== undefined && NAME.test(name ?? '')) return argument.replace(/=.*$/s, `=${HIDDEN}`);
    const option = /^-{1,2}([A-Za-z][\w-]*)$/.exec(argv[index - 1] ?? '')?.[1];
    return option !== undefined && NAME.test(option) && !argument.startsWith('-')
      ? HIDDEN
      : withoutSecrets(argument);
  });
}
