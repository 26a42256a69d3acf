import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Direction } from '../contract/store.ts';

/** A proxy before a server that breaks connections at a byte. */
export interface CuttingProxy {
  readonly port: number;
  /** The connection breaks when this many more bytes went that way, heads of messages included. */
  readonly cut: (direction: Direction, afterBytes: number) => void;
  /** Bytes that went that way in all. */
  readonly moved: (direction: Direction) => number;
  close(): Promise<void>;
}

/** Passes bytes on to a port of this machine, as they are. */
export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const moved: Record<Direction, number> = { up: 0, down: 0 };
  let armed: { readonly direction: Direction; left: number } | undefined;
  const open = new Set<Socket>();

  /** What of a chunk still gets through; the rest and the connection are lost. */
  const passed = (direction: Direction, chunk: Buffer): { bytes: Buffer; broken: boolean } => {
    const hit = armed?.direction === direction && armed.left < chunk.byteLength;
    const bytes = hit ? chunk.subarray(0, armed?.left) : chunk;
    if (hit) armed = undefined;
    else if (armed?.direction === direction) armed.left -= chunk.byteLength;
    moved[direction] += bytes.byteLength;
    return { bytes, broken: hit };
  };

  const server = createServer((client) => {
    const onward = connect(target, '127.0.0.1');
    const pair = [client, onward];
    const end = (): void => pair.forEach((socket) => socket.destroy());
    const relay = (direction: Direction, from: Socket, to: Socket): void => {
      open.add(from);
      from.on('data', (chunk: Buffer) => {
        const { bytes, broken } = passed(direction, chunk);
        if (broken) to.end(bytes, end);
        else if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => from.resume());
      from.on('end', () => to.end());
      from.on('error', end);
      from.on('close', () => {
        open.delete(from);
        end();
      });
    };
    relay('up', client, onward);
    relay('down', onward, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: (direction, afterBytes) => void (armed = { direction, left: afterBytes }),
    moved: (direction) => moved[direction],
    close() {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
