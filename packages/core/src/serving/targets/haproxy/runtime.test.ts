import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { haproxyRuntime } from './runtime.ts';

const signal = new AbortController().signal;
const PATIENT_MS = 50_000;
let folder = '';
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-runtime-'));
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** Listens at a socket and does so with each line. */
async function listening(answer: (line: string, client: Socket) => void, at: string | number): Promise<void> {
  server = createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (line) => answer(line.toString('utf8'), client));
  });
  await new Promise<void>((resolve) => server?.listen(at, () => resolve()));
}

const socket = () => path.join(folder, 'h.sock');
const at = (timeoutMs = PATIENT_MS) => haproxyRuntime({ path: socket() }, timeoutMs);
const refused = (reasonCode: string, message: RegExp) => ({
  reasonCode,
  message: expect.stringMatching(message) as unknown,
});

describe('the runtime API', () => {
  test('gets all commands in one line and is read to its end', async () => {
    await listening((line, client) => {
      client.write(`you said ${line}`);
      setTimeout(() => client.end('and this\n\n'), 20);
    }, socket());
    expect(await at().ask(['set weight m/s1 0', 'set server m/s1 state drain'], signal)).toBe(
      'you said set weight m/s1 0; set server m/s1 state drain\nand this\n\n',
    );
  });

  test('may listen at an address', async () => {
    await listening((_line, client) => client.end('\n'), 0);
    const { port } = server?.address() as AddressInfo;
    expect(await haproxyRuntime({ host: '127.0.0.1', port }, PATIENT_MS).ask('show info', signal)).toBe('\n');
  });

  test('that allows less says what to write', async () => {
    await listening((_line, client) => client.end('\nPermission denied\n\n'), socket());
    await expect(at().ask('set weight m/s1 0', signal)).rejects.toMatchObject(
      refused('no-permission', /does not allow 'set weight m\/s1 0'.*'level admin'/),
    );
  });

  test('that is not there says how HAProxy gets one', async () => {
    await expect(at().ask('show info', signal)).rejects.toMatchObject(
      refused('missing-file', /There is no socket .*h\.sock.*'stats socket .*h\.sock mode 660 level admin'/),
    );
  });

  test('that nobody listens at any more is unavailable', async () => {
    await writeFile(socket(), '');
    await expect(at().ask('show info', signal)).rejects.toMatchObject(
      refused('service-unavailable', /could not be asked/),
    );
    await expect(
      haproxyRuntime({ host: '127.0.0.1', port: 9 }, PATIENT_MS).ask('x', signal),
    ).rejects.toMatchObject(
      refused('service-unavailable', /127\.0\.0\.1:9 could not be asked .*ECONNREFUSED/),
    );
  });

  test('that never answers is given up', async () => {
    await listening(() => undefined, socket());
    await expect(at(100).ask('show info', signal)).rejects.toMatchObject(
      refused('service-unavailable', /did not answer 'show info' within 0\.1 s/),
    );
  });

  test('that ends without a word has not obeyed', async () => {
    await listening((_line, client) => client.end(), socket());
    await expect(at().ask('set weight m/s1 0', signal)).rejects.toMatchObject(
      refused('service-unavailable', /ended the connection without an answer to 'set weight m\/s1 0'/),
    );
  });

  test('that never ends is not read to its end', async () => {
    await listening((_line, client) => {
      const more = (): void => void (client.destroyed || client.write(Buffer.alloc(65_536, 'x'), more));
      more();
    }, socket());
    await expect(at().ask('show info', signal)).rejects.toMatchObject(
      refused('service-unavailable', /answered more than 1048576 bytes/),
    );
  });

  test('is left alone when the job is cancelled', async () => {
    await listening(() => undefined, socket());
    const cancellation = new AbortController();
    const asked = at().ask('show info', cancellation.signal);
    cancellation.abort(new Error('cancelled'));
    await expect(asked).rejects.toThrow('cancelled');
  });
});
