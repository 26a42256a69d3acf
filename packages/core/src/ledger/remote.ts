import * as path from 'node:path';
import { UserError } from '../action/errors.ts';
import { refuseTokenOverHttp } from '../action/trusted-origins.ts';
import { findRepository, type GitRepository } from './find-repository.ts';
import { runGit } from './git.ts';
import { protocolOf, sshCommand, type Protocol } from './remote-address.ts';

/** The checkout and its remote, as the ledger uses them. */
export interface RemoteAccess {
  /** The checkout. */
  readonly repository: GitRepository;
  /** Absolute path of the top of the work tree. */
  readonly top: string;
  /** Where the ledger lives, without credentials in it. */
  readonly url: string;
  readonly protocol: Protocol;
  /** Absolute path of the checkout's object folder. */
  readonly objects: string;
  /** Absolute path of the folder where the tags that were read once are kept. */
  readonly cache: string;
  /** Absolute path of the file that lists the checkout's shallow commits; it may be absent. */
  readonly shallow: string;
  readonly objectFormat: string;
  /** Configuration that lets git in; secrets live here only. */
  readonly config: readonly (readonly [string, string])[];
  /** Texts that must not appear in any message. */
  readonly secrets: readonly string[];
}

export interface RemoteOptions {
  /** A folder of the checkout. */
  readonly directory: string;
  /** Name of the git remote; default `origin`. */
  readonly remote?: string | undefined;
  /** The forge's token; sent only to `serverUrl`. */
  readonly token?: string | undefined;
  /** The forge that the token is for, such as `https://github.com`. */
  readonly serverUrl?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Finds the checkout's remote and the credentials for it. Throws `bad-config` without a repository or remote. */
export async function findRemote(options: RemoteOptions): Promise<RemoteAccess> {
  const name = options.remote ?? 'origin';
  const repository = await findRepository(options.directory);
  if (repository === undefined) throw noRepository(options.directory);
  const git = async (...args: string[]): Promise<string | undefined> => {
    const { code, stdout } = await runGit(args, { repository, signal: options.signal });
    return code === 0 ? stdout.replace(/\n$/, '') : undefined;
  };
  const [layout, given, ssh] = await Promise.all([
    git(
      'rev-parse',
      '--path-format=absolute',
      '--show-toplevel',
      '--git-path',
      'objects',
      '--git-path',
      'shallow',
      '--git-common-dir',
      '--show-object-format',
    ),
    git('remote', 'get-url', '--push', '--', name),
    git('config', '--show-scope', 'core.sshCommand'),
  ]);
  const [top, objects, shallow, common, objectFormat] = layout?.split('\n') ?? [];
  if (
    top === undefined ||
    objects === undefined ||
    shallow === undefined ||
    common === undefined ||
    objectFormat === undefined
  ) {
    throw noRepository(options.directory);
  }
  if (given === undefined) {
    const others = (await git('remote')) ?? '';
    throw new UserError(
      'bad-config',
      `The repository has no git remote '${name}' (it has: ${others === '' ? 'none' : others.split('\n').join(', ')}), so the ledger cannot be written. Run actions/checkout, or add the remote: git remote add ${name} <url>.`,
    );
  }
  const { url, secret } = withoutCredentials(absolute(given, top));
  const protocol = protocolOf(url);
  return {
    repository,
    top,
    url,
    protocol,
    objects,
    cache: path.join(common, 'sluice', 'objects'),
    shallow,
    objectFormat,
    ...(await credentials(url, secret, { ...options, ssh: protocol === 'ssh' ? sshOf(ssh) : [] }, git)),
  };
}

function noRepository(directory: string): UserError {
  return new UserError(
    'bad-config',
    `${directory} is not in a git repository, and the ledger lives in one. Run actions/checkout before this step.`,
  );
}

/** GIT_SSH_COMMAND of the step goes before any configuration. `found` is a line of `git config --show-scope`. */
function sshOf(found: string | undefined): RemoteAccess['config'] {
  if (process.env['GIT_SSH_COMMAND']) return [];
  const [scope = '', value] = found?.split(/\t(.*)/s) ?? [];
  return [['core.sshCommand', sshCommand(value === undefined ? undefined : { scope, value })]];
}

/** git resolves a relative remote from the top of the work tree. */
function absolute(url: string, top: string): string {
  const isPath = !/^[a-z][a-z0-9+.-]*:\/\//i.test(url) && !/^[^/]*:/.test(url);
  return isPath ? path.resolve(top, url) : url;
}

function withoutCredentials(url: string): { url: string; secret?: string } {
  if (!/^https?:/i.test(url)) return { url };
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return { url };
  const secret = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  parsed.username = '';
  parsed.password = '';
  return { url: parsed.href, secret };
}

async function credentials(
  url: string,
  fromUrl: string | undefined,
  options: RemoteOptions & { readonly ssh: RemoteAccess['config'] },
  git: (...args: string[]) => Promise<string | undefined>,
): Promise<Pick<RemoteAccess, 'config' | 'secrets'>> {
  const base: (readonly [string, string])[] = [
    ['remote.origin.url', url],
    // Else a shallow checkout behind its branch would send all its files along with a tag.
    ['push.negotiate', 'true'],
    ...options.ssh,
  ];
  if (!/^https?:/i.test(url)) return { config: base, secrets: [] };
  const origin = new URL(url).origin;
  const forge = new URL(options.serverUrl ?? 'https://github.com').origin;
  const user = options.token !== undefined && origin === forge ? `x-access-token:${options.token}` : fromUrl;
  const header =
    user === undefined
      ? await git('config', '--get-urlmatch', 'http.extraheader', url)
      : `AUTHORIZATION: basic ${Buffer.from(user, 'utf8').toString('base64')}`;
  if (header === undefined) return { config: base, secrets: [] };
  refuseTokenOverHttp(new URL(url), 'The git remote', process.env);
  const key = `http.${origin}/.extraheader`;
  return {
    // The empty value drops headers from other configuration: two would be refused by the server.
    config: [...base, [key, ''], [key, header]],
    secrets: [header.replace(/^.*\s/, ''), ...(user === undefined ? [] : [user.replace(/^[^:]*:/, '')])],
  };
}
