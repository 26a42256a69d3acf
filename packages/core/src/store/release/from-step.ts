import type { ActionContext } from '../../action/context.ts';
import { refusalOf, waitOf } from '../../forge/refusal.ts';
import type { ReleaseAccess } from './access.ts';

/** Before a request is repeated that GitHub could not answer, in ms. */
const TEMPORARY_MS = 1000;

/** How a step reaches releases on GitHub: at the address of its forge, with its token. */
export function releaseAccess({ env, inputs }: Pick<ActionContext, 'env' | 'inputs'>): ReleaseAccess {
  return {
    apiUrl: env['GITHUB_API_URL'] || 'https://api.github.com',
    repository: env['GITHUB_REPOSITORY'] || undefined,
    token: inputs['github-token'],
    readRefusal(answer) {
      const { said, limited, temporary } = refusalOf(answer);
      const waitMs = limited ? waitOf(answer, Date.now()) : TEMPORARY_MS;
      return { said, waitMs: temporary ? waitMs : undefined };
    },
  };
}
