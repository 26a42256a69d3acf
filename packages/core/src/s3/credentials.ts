import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { S3Client } from '@aws-sdk/client-s3';
import { UserError } from '../action/errors.ts';

/*
 * Credentials come from STS, a container's or an instance's metadata service, or a sign-in server, each asked by a client of its own
 * within the SDK, none of which looks at how long an answer is. So their answers are counted where Node hands them out.
 */

/** The most that one answer with credentials may have, in bytes. They have a few thousand. */
const MOST = 1 << 20;

/** Set while credentials are asked for, and for what is sent for that alone. */
const asking = new AsyncLocalStorage<{ readonly fail: (error: Error) => void }>();
let listening = false;

/** Has the client take credentials from no answer that is longer than such answers are. */
export function boundCredentials(client: S3Client): void {
  listen();
  const provide = client.config.credentials;
  client.config.credentials = () =>
    new Promise((resolve, reject) => {
      asking.run({ fail: reject }, () => void provide().then(resolve, reject));
    });
}

function listen(): void {
  if (listening) return;
  listening = true;
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { readonly request: ClientRequest };
    const asked = asking.getStore();
    if (asked !== undefined)
      request.prependOnceListener('response', (answer) => bound(request, answer, asked.fail));
  });
}

/** Counts before anything reads: a listener for the bytes would begin to read them. */
function bound(request: ClientRequest, answer: IncomingMessage, fail: (error: Error) => void): void {
  const push = answer.push.bind(answer);
  let bytes = 0;
  answer.push = (chunk: Buffer | null, encoding) => {
    bytes += chunk?.length ?? 0;
    if (bytes <= MOST) return push(chunk, encoding);
    fail(tooLong(request));
    request.destroy();
    return false;
  };
}

function tooLong({ protocol, host }: ClientRequest): UserError {
  return new UserError(
    'service-unavailable',
    `${protocol}//${host} answered with more than ${MOST} bytes when it was asked for credentials of S3, which no such answer has. Check the AWS_ variables of the job, and look at that server or the proxy between.`,
  );
}
