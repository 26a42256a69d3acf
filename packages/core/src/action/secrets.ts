/*
 * What must not be shown or stored. The runner hides masked values in its log only; statements, tags, results and summaries
 * are written here.
 */

/** How variables, inputs and options are called that hold what lets somebody in. */
const NAME =
  /(?:^|[_-])(?:token|secret|password|passwd|passphrase|credentials?|pat|connection[_-]?string|(?:api|access|secret|private|account|encryption|signing|master|auth|storage|subscription)[_-]?key)$|[_-]pwd$/i;
/** A shorter value, a plain word or number, or a path would be found where it does not stand for the secret. */
const TELLING = /^(?![a-z]+$|\d{1,15}$|(?:[a-z]:)?[\\/]).{8,}$/is;
/** A shorter value is hidden nowhere: an argument that is the same is a setting. */
const SHORTEST = 4;
/**
 * How issuers write tokens so that they are found (GitHub, GitLab, Hugging Face, OpenAI and Anthropic, Slack, Google, Databricks,
 * npm, PyPI, Docker, JSON Web Tokens): nothing tells a process what a workflow wrote into its command.
 */
const ISSUED =
  /(?<![\w-])(?:gh[pousr]_\w{36}|github_pat_\w{22}|glpat-[\w-]{20}|hf_[A-Za-z]{30}|sk-(?:ant-[a-z]+\d\d-|proj-|svcacct-)[\w-]{40}|sk-[A-Za-z\d]{40}|xox[abeoprs]-[\w-]{10}|AIza[\w-]{35}|dapi[\da-f]{32}|npm_[A-Za-z\d]{36}|pypi-AgE[\w-]{40}|dckr_pat_[\w-]{20}|eyJ[\w-]{10,8000}\.eyJ[\w-]{10,8000}\.)[\w-]*/g;
const HIDDEN = '***';

const known = new Set<string>();
/** Also values that would be found where they do not stand for the secret: an argument that is nothing else does. */
const whole = new Set<string>();

/**
 * Hides a value from now on in all that passes through `withoutSecrets`; what is too short to be told apart is hidden only as
 * an argument of its own.
 */
export function rememberSecret(value: string): void {
  if (value.length >= SHORTEST) whole.add(value);
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

/** The text without known secrets, without tokens of well-known issuers, and without names and passwords in addresses. */
export function withoutSecrets(text: string): string {
  let safe = text;
  for (const secret of known) safe = safe.replaceAll(secret, HIDDEN);
  return safe
    .replace(ISSUED, HIDDEN)
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

/**
 * A command's arguments without the values of options and assignments that are called like a secret, and without arguments that
 * are a known one.
 */
export function argumentsWithoutSecrets(argv: readonly string[]): string[] {
  return argv.map((argument, index) => {
    const [, name, separator] = /^-{0,2}([A-Za-z][\w-]*)(=)?/.exec(argument) ?? [];
    if (whole.has(argument)) return HIDDEN;
    const value = separator === undefined ? undefined : argument.slice(argument.indexOf('=') + 1);
    if (value !== undefined && (NAME.test(name ?? '') || whole.has(value)))
      return argument.replace(/=.*$/s, `=${HIDDEN}`);
    const option = /^-{1,2}([A-Za-z][\w-]*)$/.exec(argv[index - 1] ?? '')?.[1];
    return option !== undefined && NAME.test(option) && !argument.startsWith('-')
      ? HIDDEN
      : withoutSecrets(argument);
  });
}
