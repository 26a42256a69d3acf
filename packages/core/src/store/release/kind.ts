import { UserError } from '../../action/errors.ts';
import type { StoreKind } from '../store.ts';
import { releaseStore } from './store.ts';

/** `release:owner/name`, or `release:` for the repository that the step runs for. */
export const releaseKind: StoreKind = {
  example: 'release:',
  words: 'the releases of a repository on GitHub',
  open(uri, step) {
    const { env = process.env, token } = step;
    const apiUrl = env['GITHUB_API_URL'] || 'https://api.github.com';
    const repository = repositoryOf(uri, apiUrl, env['GITHUB_REPOSITORY'] || undefined);
    return releaseStore({ apiUrl, repository, token }, step);
  },
};

function repositoryOf(uri: string, apiUrl: string, own: string | undefined): string {
  const repository = uri.slice('release:'.length) || own;
  if (repository === undefined || !/^[A-Za-z0-9_-][\w.-]*\/[\w.-]+$/.test(repository)) {
    throw new UserError(
      'bad-config',
      `The store is '${uri}'. Write release:owner/name, or release: for the repository of the workflow (GITHUB_REPOSITORY${own === undefined ? ', which is not set' : ` is '${own}'`}).`,
    );
  }
  if (!/\/api\/v1\/?$/.test(apiUrl)) return repository;
  throw new UserError(
    'bad-config',
    `The store is '${uri}', but ${apiUrl} is not GitHub. Releases of Gitea and Forgejo are no store; choose dir:/path, s3://bucket/prefix or mlflow:.`,
  );
}
