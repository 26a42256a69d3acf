import parseArgsStringToArgv from 'string-argv';
import { UserError } from '../action/errors.ts';
import { shownAddress } from '../action/address.ts';

/** How git reaches a remote, as GIT_ALLOW_PROTOCOL names it. */
export type Protocol = 'https' | 'http' | 'ssh' | 'git' | 'file';

const SCHEMES: Readonly<Record<string, Protocol>> = {
  https: 'https',
  http: 'http',
  ssh: 'ssh',
  'git+ssh': 'ssh',
  'ssh+git': 'ssh',
  git: 'git',
  file: 'file',
};

/**
 * The protocol of a remote's address. Throws `bad-config` for one that would have git start a program of the address's own
 * choice, such as `ext::sh -c …`.
 */
export function protocolOf(url: string): Protocol {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  const known = scheme === undefined ? withoutScheme(url) : SCHEMES[scheme];
  if (known !== undefined) return known;
  throw new UserError(
    'bad-config',
    `The git remote is '${shownAddress(url)}'. Allowed are addresses with https, ssh, http or git, host:path, and folders. Correct it: git remote set-url origin <url>.`,
  );
}

function withoutScheme(url: string): Protocol | undefined {
  if (/^[a-z0-9+.-]*::/i.test(url)) return undefined;
  return /^(?![a-z]:[\\/])[^/]+:/i.test(url) ? 'ssh' : 'file';
}

/** The value of `core.sshCommand`, and which configuration it comes from, as `git config --show-scope` says it. */
export interface SshSetting {
  readonly scope: string;
  readonly value: string;
}

const DEFAULT_SSH = 'ssh -o BatchMode=yes';

/**
 * The ssh command for a remote. One that the machine's own configuration names is taken as it is; of one that the checkout
 * names, only what actions/checkout writes there for a deploy key: the key, the known hosts and how strictly they are held.
 * Throws `bad-config` for any other, which could run whatever its writer wants.
 */
export function sshCommand(setting: SshSetting | undefined): string {
  if (setting === undefined) return DEFAULT_SSH;
  if (setting.scope !== 'local' && setting.scope !== 'worktree') return setting.value;
  const [program = '', ...args] = parseArgsStringToArgv(setting.value);
  const options = /(?:^|[\\/])ssh(?:\.exe)?$/.test(program) ? harmlessOptions(args) : undefined;
  if (options !== undefined) return [DEFAULT_SSH, ...options].join(' ');
  throw new UserError(
    'bad-config',
    "The checkout's own .git/config sets core.sshCommand to something else than ssh with a key and known hosts, and it is not run: whoever can write that file could run any program with this step's rights. Set GIT_SSH_COMMAND in the env of the step instead.",
  );
}

const HARMLESS =
  /^(?:StrictHostKeyChecking|CheckHostIP|UserKnownHostsFile|BatchMode|IdentitiesOnly|ConnectTimeout|ServerAliveInterval)=[^\0\n]+$/i;

/** The options quoted for a shell, which git hands them to; undefined when one of them could do more. */
function harmlessOptions(args: readonly string[]): string[] | undefined {
  const quoted: string[] = [];
  for (let index = 0; index < args.length; index += 2) {
    const [option, value] = [args[index], args[index + 1]];
    if (value === undefined || (option !== '-i' && option !== '-o')) return undefined;
    if (option === '-o' && !HARMLESS.test(value)) return undefined;
    quoted.push(option, `'${value.replaceAll("'", String.raw`'\''`)}'`);
  }
  return quoted;
}
