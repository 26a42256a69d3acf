import { Agent, request } from 'node:http';

/** What came of the requests of a load. */
export interface LoadResult {
  readonly sent: number;
  /** What failed requests ended with, and how many did so. */
  readonly failed: Readonly<Record<string, number>>;
  /** Answers by the version that gave them. */
  readonly versions: Readonly<Record<string, number>>;
}

/** Predictions that are asked for without a pause. */
export interface Load {
  /** What came of the requests so far. */
  now(): LoadResult;
  /** Resolves when so many requests are answered. */
  reached(sent: number): Promise<void>;
  /** Ends it after the requests that are under way. */
  stop(): Promise<LoadResult>;
}

/** Asks `<url>/predict` over connections that are kept alive, as many at a time as there are connections. */
export function startLoad(url: string, connections: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const failed: Record<string, number> = {};
  const versions: Record<string, number> = {};
  let sent = 0;
  let over = false;
  const count = (counts: Record<string, number>, key: string): void =>
    void (counts[key] = (counts[key] ?? 0) + 1);
  const client = async (): Promise<void> => {
    while (!over) {
      const answer = await ask(`${url}/predict`, agent);
      if (answer.version === undefined) count(failed, answer.message);
      else count(versions, answer.version);
      sent += 1;
      for (const [wanted, resolve] of waiting) if (sent >= wanted) resolve();
    }
  };
  const waiting = new Map<number, () => void>();
  const clients = Array.from({ length: connections }, client);
  const now = (): LoadResult => ({ sent, failed: { ...failed }, versions: { ...versions } });
  return {
    now,
    reached: (wanted) =>
      sent >= wanted ? Promise.resolve() : new Promise((resolve) => waiting.set(wanted, resolve)),
    async stop() {
      over = true;
      await Promise.all(clients);
      agent.destroy();
      return now();
    },
  };
}

const BODY = '{"x": 0}';

type Asked = { readonly version: string } | { readonly version?: undefined; readonly message: string };

function ask(url: string, agent: Agent): Promise<Asked> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve({ message: error.code ?? error.message });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) };
    const sent = request(url, { method: 'POST', agent, headers, timeout: 60_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response
        .on('error', failed)
        .on('end', () =>
          resolve(
            response.statusCode === 200
              ? { version: (JSON.parse(body) as { version: string }).version }
              : { message: `HTTP ${response.statusCode ?? 0}` },
          ),
        );
    });
    sent.on('error', failed).on('timeout', () => sent.destroy(new Error('timeout')));
    sent.end(BODY);
  });
}
