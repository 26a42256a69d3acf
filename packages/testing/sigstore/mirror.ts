import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A key that signs metadata of The Update Framework (TUF). */
export interface TufKey {
  readonly id: string;
  readonly public: string;
  readonly private: KeyObject;
}

export function newKey(): TufKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const hex = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  return { id: createHash('sha256').update(hex).digest('hex'), public: hex, private: privateKey };
}

const YEAR_MS = 31_536_000_000;
const inAYear = (): string => new Date(Date.now() + YEAR_MS).toISOString().replace(/\.\d+Z$/, 'Z');
export const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');

/** Metadata as TUF has it signed: JSON with sorted keys and without blanks, for what has no control characters. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

export function signed(content: object, keys: readonly TufKey[]): string {
  const bytes = Buffer.from(canonical(content));
  const signatures = keys.map((key) => ({
    keyid: key.id,
    sig: sign(null, bytes, key.private).toString('hex'),
  }));
  return JSON.stringify({ signed: content, signatures });
}

/** `root.json` in which `key` has every role. */
export function rootMetadata(version: number, key: TufKey, expires = inAYear()): object {
  const role = { keyids: [key.id], threshold: 1 };
  return {
    _type: 'root',
    spec_version: '1.0.31',
    version,
    expires,
    consistent_snapshot: true,
    keys: { [key.id]: { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: key.public } } },
    roles: { root: role, timestamp: role, snapshot: role, targets: role },
  };
}

/** The files of a mirror that publishes one target, signed by `key`. */
export function mirrorFiles(
  key: TufKey,
  name: string,
  content: string,
  expires = inAYear(),
): Map<string, string> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const about = (type: string, more: object): string =>
    signed({ _type: type, spec_version: '1.0.31', version: 1, expires, ...more }, [key]);
  return new Map([
    ['/timestamp.json', about('timestamp', { meta: { 'snapshot.json': { version: 1 } } })],
    ['/1.snapshot.json', about('snapshot', { meta: { 'targets.json': { version: 1 } } })],
    [
      '/1.targets.json',
      about('targets', { targets: { [name]: { length: content.length, hashes: { sha256 } } } }),
    ],
    [`/targets/${sha256}.${name}`, content],
  ]);
}

/** Serves these files, as they are at the time, on loopback. */
export async function serveFiles(
  files: ReadonlyMap<string, string>,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const content = files.get(request.url ?? '');
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
