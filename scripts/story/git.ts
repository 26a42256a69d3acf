import { execFileSync } from 'node:child_process';

const IDENTITY = { name: 'Octo Cat', email: 'octocat@example.org' };

/** Git in one folder, apart from the settings of the person who runs it. Each call returns the trimmed output. */
export interface Git {
  (...args: string[]): string;
  readonly directory: string;
}

export function gitIn(directory: string): Git {
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: IDENTITY.name,
    GIT_AUTHOR_EMAIL: IDENTITY.email,
    GIT_COMMITTER_NAME: IDENTITY.name,
    GIT_COMMITTER_EMAIL: IDENTITY.email,
  };
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: directory,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  return Object.assign(git, { directory });
}

/** Commits everything in the working tree. */
export function commitAll(git: Git, message: string): string {
  git('add', '--all');
  git('commit', '--quiet', `--message=${message}`);
  return git('rev-parse', 'HEAD');
}
