import * as z from 'zod/mini';
import { UserError } from '../../action/errors.ts';
import { expand } from '../../action/expand.ts';
import type { Encryption } from '../../s3/connection.ts';
import { described, text } from '../../schema/blocks.ts';

/** Keys of every registry's section: a version may be stored in S3 whatever shows it. */
export const encryptionKeys = {
  sse: z.optional(
    described(
      z.enum(['AES256', 'aws:kms']),
      'How a store in S3 has new objects encrypted. Default: as the bucket says.',
    ),
  ),
  'kms-key-id': z.optional(
    described(
      text,
      'With sse aws:kms, the key: its id, alias or ARN. Default: the key of the bucket or of S3.',
    ),
  ),
};

type EncryptionSection = z.infer<z.ZodMiniObject<typeof encryptionKeys>>;

/** How a store in S3 is to encrypt, as `registry.sse` and `registry.kms-key-id` say. Throws `bad-config` for a key without its kind. */
export function readEncryption(
  { sse, 'kms-key-id': key }: EncryptionSection = {},
  env: Readonly<NodeJS.ProcessEnv>,
): Encryption | undefined {
  if (key !== undefined && sse !== 'aws:kms') {
    throw new UserError(
      'bad-config',
      `registry.kms-key-id is '${key}', but registry.sse is ${sse === undefined ? 'not set' : `'${sse}'`}. Write sse: aws:kms, or leave kms-key-id out.`,
    );
  }
  switch (sse) {
    case undefined:
      return undefined;
    case 'AES256':
      return { sse };
    case 'aws:kms':
      return { sse, kmsKeyId: key === undefined ? undefined : expand(key, 'registry.kms-key-id', env) };
  }
}
