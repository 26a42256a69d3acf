import type { S3Client } from '@aws-sdk/client-s3';
import { gather } from '../action/gather.ts';

/** An answer that is no object has more bytes than any such answer needs. */
export class LongAnswerError extends Error {
  readonly most: number;
  constructor(most: number) {
    super(`the answer is longer than ${most} bytes`);
    this.name = 'LongAnswerError';
    this.most = most;
  }
}

/** Of every answer but the bytes of an object, a client takes no more than `most` bytes, whatever the server says of its length. */
export function boundAnswers(client: S3Client, most: number): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        const response = result.response as { statusCode: number; body?: unknown };
        const isObject = commandName === 'GetObjectCommand' && response.statusCode < 300;
        if (!isObject) response.body = await readBounded(response.body, most);
        return result;
      },
    // Next to the connection, before anything reads the answer.
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  );
}

async function readBounded(body: unknown, most: number): Promise<Buffer> {
  const whole = await gather((body ?? []) as AsyncIterable<Buffer>, most);
  if (whole === undefined) throw new LongAnswerError(most);
  return whole;
}
