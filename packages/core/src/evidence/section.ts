import * as z from 'zod/mini';
import { described, duration, oneOrMore, text } from '../schema/blocks.ts';

export const evidenceSection = z.strictObject({
  attest: z.optional(
    described(
      z.boolean(),
      'Sign what register-model checked with the identity of its workflow run, and deploy signed versions alone. Default false.',
    ),
  ),
  require: z.optional(
    described(
      z.array(z.enum(['data', 'gate', 'signature'])).check(z.minLength(1)),
      'What has to vouch for a model. The gate always has to; data: every data file that went in was tested too; signature: a workflow run signed it.',
    ),
  ),
  'trusted-workflows': z.optional(
    described(
      oneOrMore,
      'Workflows whose statements count, such as .github/workflows/pipeline.yml@refs/heads/main. Default: any.',
    ),
  ),
  'former-repositories': z.optional(
    described(
      z.array(text).check(z.minLength(1)),
      'Names that the repository had before, such as acme/old-name: what its workflows signed and said then counts.',
    ),
  ),
  'max-age': z.optional(described(duration, 'A test longer ago than this, such as 30d, does not count.')),
  'trusted-root': z.optional(
    described(
      text,
      'File with the keys that signatures are verified with, from `gh attestation trusted-root`. Default: what Sigstore and GitHub publish at the time.',
    ),
  ),
});

export type EvidenceSection = z.infer<typeof evidenceSection>;
