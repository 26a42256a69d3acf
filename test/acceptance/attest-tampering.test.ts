import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { Expected } from '@sluice/core/evidence/signature/identity.ts';
import { parseTrustedRoots } from '@sluice/core/evidence/signature/roots.ts';
import type { Claim } from '@sluice/core/evidence/signature/summary.ts';
import { verifyAttestation, type Verified } from '@sluice/core/evidence/signature/verify.ts';
import { startInstance } from '@sluice/testing/sigstore/instance.ts';
import { startSignedProject } from '@sluice/testing/sigstore/signed-project.ts';
import { startSigningWorld } from '@sluice/testing/sigstore/world.ts';

/*
 * Bundles that the built register-model signed, changed in places that no digest guards: as by somebody who may write the
 * store and the tag.
 */

jest.setTimeout(60_000);

const SIGNER: Expected = {
  server: 'https://github.com',
  repository: 'acme/flights',
  trustedWorkflows: undefined,
};

/** A bundle as JSON, with the parts that are changed here. */
interface Bundle {
  verificationMaterial: {
    certificate: { rawBytes: string };
    tlogEntries?: {
      integratedTime: string;
      canonicalizedBody: string;
      inclusionPromise: { signedEntryTimestamp: string };
    }[];
    timestampVerificationData?: { rfc3161Timestamps: { signedTimestamp: string }[] };
  };
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
}

interface Signed {
  readonly text: string;
  readonly root: string;
  readonly claim: Claim;
}

const verify = (
  { root, claim }: Signed,
  text: string,
  { trusted = root, expected = SIGNER, about = claim } = {},
): Promise<Verified> =>
  verifyAttestation(text, () => Promise.resolve(parseTrustedRoots(trusted, 'root')), about, expected);

/** Signs a model as register-model does. */
async function sign(visibility: 'public' | 'private'): Promise<Signed> {
  const world = await startSigningWorld(visibility);
  const project = await startSignedProject(world);
  try {
    const digest = await project.train('one');
    const step = await project.register();
    return {
      text: await project.bundle(digest),
      root: world.instance.trustedRoot,
      claim: {
        model: { name: 'flight-delay', digest },
        passport: String(step.result['passport-digest']),
      },
    };
  } finally {
    await project.repository.remove();
    await world.stop();
  }
}

function changed(text: string, change: (bundle: Bundle) => void): string {
  const bundle = JSON.parse(text) as Bundle;
  change(bundle);
  return JSON.stringify(bundle);
}

/** One bit of base64-encoded bytes, at a share of their length, turned over. */
function flipped(base64: string, share: number, bit: number): string {
  const bytes = Buffer.from(base64, 'base64');
  const index = Math.floor(share * bytes.length);
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
  return bytes.toString('base64');
}

function first<T>(items: readonly T[] | undefined): T {
  const [item] = items ?? [];
  if (item === undefined) throw new Error('the bundle holds none');
  return item;
}

type Flip = (bundle: Bundle, flip: (base64: string) => string) => void;
const COMMON: Record<string, Flip> = {
  statement: ({ dsseEnvelope }, flip) => {
    dsseEnvelope.payload = flip(dsseEnvelope.payload);
  },
  signature: ({ dsseEnvelope }, flip) => {
    const signature = first(dsseEnvelope.signatures);
    signature.sig = flip(signature.sig);
  },
  certificate: ({ verificationMaterial: { certificate } }, flip) => {
    certificate.rawBytes = flip(certificate.rawBytes);
  },
};
const LOGGED: Record<string, Flip> = {
  'log entry': ({ verificationMaterial }, flip) => {
    const entry = first(verificationMaterial.tlogEntries);
    entry.canonicalizedBody = flip(entry.canonicalizedBody);
  },
  "log's promise": ({ verificationMaterial }, flip) => {
    const { inclusionPromise } = first(verificationMaterial.tlogEntries);
    inclusionPromise.signedEntryTimestamp = flip(inclusionPromise.signedEntryTimestamp);
  },
};

describe.each([
  ['public', { ...COMMON, ...LOGGED }],
  ['private', COMMON],
] as const)('the signature of a %s repository', (visibility, places: Record<string, Flip>) => {
  let signed: Signed;
  beforeAll(async () => {
    signed = await sign(visibility);
  });

  test('holds', async () => {
    expect(await verify(signed, signed.text)).toMatchObject({
      kind: 'verified',
      signer: { repository: 'https://github.com/acme/flights' },
    });
  });

  test.each(Object.keys(places))('does not hold with one bit changed in the %s', async (place) => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(7), async (share, bit) => {
        const text = changed(signed.text, (bundle) => places[place]?.(bundle, (b) => flipped(b, share, bit)));
        expect(await verify(signed, text)).toMatchObject({ kind: 'refused' });
      }),
      { numRuns: 60 },
    );
  });

  test('is not accepted for another model, other bytes or another passport', async () => {
    const { claim, text } = signed;
    const other = 'f'.repeat(64);
    const refusals = await Promise.all(
      [
        { ...claim, model: { ...claim.model, digest: other } },
        { ...claim, model: { ...claim.model, name: 'other' } },
        { ...claim, passport: other },
      ].map((about) => verify(signed, text, { about })),
    );
    expect(refusals).toEqual([
      { kind: 'refused', why: expect.stringMatching(/^it is about model:flight-delay sha256:/) },
      { kind: 'refused', why: expect.stringMatching(/^it is about another model, not about model:other/) },
      { kind: 'refused', why: expect.stringMatching(/^it vouches for the passport sha256:/) },
    ]);
  });

  test('is not accepted under the root of another instance, or under one that had expired', async () => {
    const { trustedRoot } = await startInstance(visibility === 'public');
    expect(await verify(signed, signed.text, { trusted: trustedRoot })).toEqual({
      kind: 'refused',
      why: expect.stringContaining('an authority that the trust root does not name'),
    });
    const root = JSON.parse(signed.root) as { certificateAuthorities: { validFor: object }[] };
    for (const authority of root.certificateAuthorities)
      authority.validFor = { start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' };
    expect(await verify(signed, signed.text, { trusted: JSON.stringify(root) })).toEqual({
      kind: 'refused',
      why: expect.stringMatching(/^the certificate does not hold/),
    });
  });

  test('is accepted when one of several roots in a file verifies it', async () => {
    const { trustedRoot } = await startInstance(visibility === 'public');
    const trusted = `${trustedRoot}\n${signed.root}\n`;
    expect(await verify(signed, signed.text, { trusted })).toMatchObject({ kind: 'verified' });
  });

  test('does not hold without what says when it was made', async () => {
    const text = changed(signed.text, ({ verificationMaterial }) => {
      delete verificationMaterial.tlogEntries;
      delete verificationMaterial.timestampVerificationData;
    });
    expect(await verify(signed, text)).toEqual({
      kind: 'refused',
      why: expect.stringMatching(/^the time of signing does not hold/),
    });
  });
});

describe('a signature that holds', () => {
  let signed: Signed;
  beforeAll(async () => {
    signed = await sign('public');
  });

  test('is not moved to another time', async () => {
    const text = changed(signed.text, ({ verificationMaterial }) => {
      first(verificationMaterial.tlogEntries).integratedTime = '1700000000';
    });
    expect(await verify(signed, text)).toMatchObject({ kind: 'refused' });
  });

  test('is not accepted as something else than an in-toto statement', async () => {
    const text = changed(signed.text, ({ dsseEnvelope }) => {
      dsseEnvelope.payloadType = 'text/plain';
    });
    expect(await verify(signed, text)).toEqual({ kind: 'refused', why: 'it holds no statement' });
  });

  test.each([
    '',
    '{}',
    '[]',
    'null',
    '<html>',
    '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}',
  ])('is not what %j is', async (text) => {
    expect(await verify(signed, text)).toEqual({
      kind: 'refused',
      why: expect.stringMatching(/^it cannot be read as a Sigstore bundle/),
    });
  });
});
