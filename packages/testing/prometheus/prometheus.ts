import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT } from '../action.ts';
import { startServer, type StartedServer } from '../mlflow/server.ts';

const PROMETHEUS = path.join(ROOT, '.cache/e2e/bin/prometheus');

/** Starts a real Prometheus that scrapes these servers, `http://host:port` each, four times a second. */
export function startPrometheus(targets: readonly string[]): Promise<StartedServer> {
  const config = {
    global: { scrape_interval: '250ms', scrape_timeout: '250ms' },
    scrape_configs: [
      { job_name: 'models', static_configs: [{ targets: targets.map((url) => new URL(url).host) }] },
    ],
  };
  return startServer(
    'prometheus',
    (port) => [
      PROMETHEUS,
      ...['--config.file', 'prometheus.json', '--storage.tsdb.path', 'data', '--log.level', 'warn'],
      ...['--web.listen-address', `127.0.0.1:${port}`],
    ],
    '/-/ready',
    {},
    // JSON is YAML.
    (folder) => writeFile(path.join(folder, 'prometheus.json'), JSON.stringify(config)),
  );
}
