import { createConnection, isIPv6 } from 'node:net';
import { UserError, errorCode, errorMessage } from '../../../action/errors.ts';
import { gather } from '../../../action/gather.ts';

/** Where HAProxy's runtime API listens. */
export type RuntimeAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** HAProxy's runtime API. */
export interface Runtime {
  /** As messages name it. */
  readonly name: string;
  /**
   * The answer to one command, or to several in one line, which HAProxy obeys in their order. Throws UserError when nobody answers
   * or the socket's level does not allow it. What else HAProxy says, a refusal as well, is the answer.
   */
  ask(commands: string | readonly string[], signal: AbortSignal): Promise<string>;
}

/** More of an answer than this is not read: a backend has some servers, and each has a line. */
const LONGEST_ANSWER_BYTES = 1024 * 1024;

/** A path has a slash; everything else is `host:port`. Returns undefined for what is neither. */
export function parseRuntimeAddress(text: string): RuntimeAddress | undefined {
  if (text.includes('/')) return { path: text };
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? bare;
  if (host === undefined || (bracketed !== undefined && !isIPv6(bracketed))) return undefined;
  const number = Number(port);
  return number >= 1 && number <= 65_535 ? { host, port: number } : undefined;
}

/** A client that opens a connection for each line, and waits no longer than `timeoutMs` for an answer. */
export function haproxyRuntime(address: RuntimeAddress, timeoutMs: number): Runtime {
  const name = 'path' in address ? address.path : `${address.host}:${address.port}`;
  return {
    name,
    async ask(commands, signal) {
      const line = typeof commands === 'string' ? commands : commands.join('; ');
      signal.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await exchange(address, line, AbortSignal.any([signal, timeout]));
        if (answer === undefined)
          throw noRuntime(name, `answered more than ${LONGEST_ANSWER_BYTES} bytes to '${line}'`);
        // To every command there is an empty line at least.
        if (answer === '') throw noRuntime(name, `ended the connection without an answer to '${line}'`);
        if (/^Permission denied/m.test(answer)) throw tooLow(name, line);
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        if (timeout.aborted) throw noRuntime(name, `did not answer '${line}' within ${timeoutMs / 1000} s`);
        throw connectionError(error, address, name);
      }
    },
  };
}

async function exchange(
  address: RuntimeAddress,
  line: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const socket = createConnection({ ...address, signal });
  try {
    // HAProxy ends the connection after the answer to a line.
    socket.write(`${line}\n`);
    return (await gather(socket as AsyncIterable<Uint8Array>, LONGEST_ANSWER_BYTES))?.toString('utf8');
  } finally {
    socket.destroy();
  }
}

function connectionError(error: unknown, address: RuntimeAddress, name: string): unknown {
  if (error instanceof UserError) return error;
  const line = `stats socket ${name} ${'path' in address ? 'mode 660 ' : ''}level admin`;
  switch (errorCode(error)) {
    case 'ENOENT':
      return new UserError(
        'missing-file',
        `There is no socket ${name}. Start HAProxy on this machine, with the line '${line}' in the section global of haproxy.cfg, or correct target.socket.`,
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
      return new UserError(
        'no-permission',
        `The socket ${name} may not be opened by the user of the runner. Give its group to that user: '${line} group <group>' in the section global of haproxy.cfg.`,
        { cause: error },
      );
    default:
      return noRuntime(name, `could not be asked (${errorMessage(error)})`, error);
  }
}

function noRuntime(name: string, how: string, cause?: unknown): UserError {
  return new UserError(
    'service-unavailable',
    `The runtime API of HAProxy at ${name} ${how}. Check that HAProxy runs, and that its 'stats socket' is what target.socket names.`,
    { cause },
  );
}

function tooLow(name: string, line: string): UserError {
  return new UserError(
    'no-permission',
    `The socket ${name} does not allow '${line}'. Write 'level admin' behind its 'stats socket' in haproxy.cfg, and reload HAProxy.`,
  );
}
