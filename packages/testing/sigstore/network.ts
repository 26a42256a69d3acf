import { execFile } from 'node:child_process';
import { mkdtemp, rm, readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Names of the internet that live on this machine, for processes that are given `env`. */
export interface Network {
  readonly env: Record<string, string>;
  /** Hosts that somebody connected to, in order. */
  readonly connections: string[];
  stop(): Promise<void>;
}

/**
 * A proxy as runners have them, and behind it one TLS server that answers for all `hosts`; the addresses that a library
 * has built in lead there, and other names nowhere. Everything is on loopback.
 */
export async function startNetwork(hosts: readonly string[], listener: RequestListener): Promise<Network> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-network-'));
  const certificate = path.join(folder, 'cert.pem');
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=loopback', '-addext', `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`],
    ...['-keyout', path.join(folder, 'key.pem'), '-out', certificate],
  ]);
  const tls = createHttpsServer(
    { key: await readFile(path.join(folder, 'key.pem')), cert: await readFile(certificate) },
    listener,
  );
  const tlsPort = await listen(tls);
  const sockets = new Set<Socket>();
  const connections: string[] = [];
  const proxy = createHttpServer();
  proxy.on('connect', (request, client: Socket) => {
    const host = (request.url ?? '').replace(/:443$/, '');
    connections.push(host);
    if (!hosts.includes(host)) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const upstream = connect(tlsPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  const proxyPort = await listen(proxy);
  const address = `http://127.0.0.1:${proxyPort}`;
  return {
    env: { HTTPS_PROXY: address, https_proxy: address, NODE_EXTRA_CA_CERTS: certificate },
    connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([tls, proxy].map((server) => promisify(server.close.bind(server))()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
