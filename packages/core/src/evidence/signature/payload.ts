import * as z from 'zod/mini';

const envelope = z.looseObject({ dsseEnvelope: z.looseObject({ payload: z.string() }) });

/** What a Sigstore bundle says, whoever signed it; undefined when it holds no statement. */
export function payloadOf(text: string): Buffer | undefined {
  try {
    return Buffer.from(z.parse(envelope, JSON.parse(text)).dsseEnvelope.payload, 'base64');
  } catch {
    return undefined;
  }
}
