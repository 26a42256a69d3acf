import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Which way bytes go: to the server, or from it. */
export type Direction = 'up' | 'down';

/** A relay in front of a real server, which breaks connections. It knows nothing of what goes through. */
export interface CuttingRelay {
  readonly url: string;
  /** The connection on which this many more bytes have gone that way breaks, once. */
  cut(direction: Direction, afterBytes: number): void;
  /** Bytes that went that way in all. */
  moved(direction: Direction): number;
  close(): Promise<void>;
}

/** Starts a relay to the server of an address such as `http://127.0.0.1:7070`. */
export async function startRelay(target: string): Promise<CuttingRelay> {
  const { hostname, port } = new URL(target);
  const moved = { up: 0, down: 0 };
  const cuts: { up?: number; down?: number } = {};
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host: hostname, port: Number(port) });
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    const relay = (from: Socket, to: Socket, direction: Direction): void => {
      from.on('data', (chunk: Buffer) => {
        const { [direction]: at } = cuts;
        const allowed = at === undefined ? chunk.length : at - moved[direction];
        const passed = chunk.subarray(0, Math.max(0, allowed));
        moved[direction] += passed.length;
        if (passed.length < chunk.length) {
          delete cuts[direction];
          // What has passed arrives before the end does.
          from.pause();
          to.end(passed, end);
        } else if (!to.write(passed)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
    };
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', end).on('close', () => {
        open.delete(socket);
        end();
      });
    }
    relay(near, far, 'up');
    relay(far, near, 'down');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: (direction, afterBytes) => void (cuts[direction] = moved[direction] + afterBytes),
    moved: (direction) => moved[direction],
    close: () => closed(server, open),
  };
}

function closed(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of open) socket.destroy();
  });
}
