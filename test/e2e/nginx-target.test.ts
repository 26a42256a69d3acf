import { ROOT } from '@sluice/testing/action.ts';
import { endServers } from '@sluice/testing/target-servers.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import * as path from 'node:path';
import { describeServingTarget, predictZeroAt, type TargetHarness } from '../contract/serving-target.ts';

/** The nginx that `npm run test:e2e` finds or fetches. */
const NGINX = path.join(ROOT, '.cache', 'e2e', 'bin', 'nginx');
const PROGRAM = path.join(ROOT, 'workflows-examples', 'targets', 'nginx.py');
const MODEL_SERVER = path.join(ROOT, 'packages', 'testing', 'model-server.mjs');

describeServingTarget('command with nginx', withNginx);

async function withNginx(scratch: string): Promise<TargetHarness> {
  const root = path.join(scratch, 'served');
  const port = await freePort();
  const nginx = await startNginx(path.join(scratch, 'nginx'), root);
  const url = `http://127.0.0.1:${port}`;
  const serve = `'${process.execPath}' '${MODEL_SERVER}' {root} {port}`;
  return {
    config: {
      type: 'command',
      run: `python3 ${PROGRAM} --listen 127.0.0.1:${port} --reload "${nginx.reload}" --serve "${serve}"`,
      path: root,
      capabilities: ['split', 'mirror', 'header-route', 'key-split', 'probe'],
      url,
      keep: 3,
    },
    predictZero: (headers) => predictZeroAt(url, headers),
    interfere: () => appendFile(path.join(root, 'nginx.conf'), '# by hand\n'),
    async close() {
      await Promise.all([nginx.stop(), endServers(root)]);
    },
  };
}

/** nginx with nothing of its own but what the program writes. */
async function startNginx(folder: string, root: string) {
  await mkdir(path.join(folder, 'logs'), { recursive: true });
  const configuration = path.join(folder, 'nginx.conf');
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${path.join(folder, name)};`,
  );
  await writeFile(
    configuration,
    [
      `pid ${path.join(folder, 'nginx.pid')};`,
      'daemon off;',
      'worker_processes 2;',
      'events { worker_connections 256; }',
      'http {',
      '  access_log off;',
      ...places,
      `  include ${root}/nginx.con[f];`,
      '}',
    ].join('\n'),
  );
  const args = ['-p', folder, '-c', configuration, '-e', path.join(folder, 'error.log')];
  const child = spawn(NGINX, args, { stdio: 'ignore' });
  const closed = once(child, 'close');
  return {
    reload: [NGINX, ...args, '-s', 'reload'].join(' '),
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
