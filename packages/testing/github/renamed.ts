import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GitHubDouble } from './server.ts';

/** GitHub before and after its repository was renamed from `former`. */
export interface RenamedGitHub {
  /** Environment of a step under the name of before, or of today. */
  env(when: 'before' | 'today'): Record<string, string>;
  /** From now on the old name is answered with 301 (docs.github.com/rest, "Follow redirects"). */
  rename(): void;
  stop(): Promise<void>;
}

/** A front before the double, which knows its repository by one more name. */
export async function startRenamed(github: GitHubDouble, former: string): Promise<RenamedGitHub> {
  const { GITHUB_API_URL: inner = '', GITHUB_REPOSITORY: repository = '' } = github.env;
  const under = new RegExp(`^/repos/${former}(?=/|$)`);
  let renamed = false;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const asked = request.url ?? '/';
    const there = asked.replace(under, `/repos/${repository}`);
    if (renamed && under.test(asked)) {
      const location = `${address()}${there}`;
      response.writeHead(301, { location, 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'Moved Permanently', url: location }));
      return;
    }
    const { method, headers } = request;
    const passed = send(`${inner}${there}`, { method, headers: { ...headers, host: new URL(inner).host } });
    passed.on('response', (got) => {
      response.writeHead(got.statusCode ?? 500, got.headers);
      got.pipe(response);
    });
    passed.on('error', (error) => response.destroy(error));
    request.pipe(passed);
  };
  const server = createServer(answer);
  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    env: (when) => ({
      GITHUB_API_URL: address(),
      GITHUB_REPOSITORY: when === 'before' ? former : repository,
    }),
    rename: () => void (renamed = true),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
