import { versionedAddress } from './making.ts';

/** Where a file was read from, when it did not lie in the checkout, and which version of it. */
export interface Origin {
  readonly uri: string;
  readonly versionId?: string | undefined;
}

/** What an in-toto ResourceDescriptor says about where a file was read from, beside its name and digest. */
export interface OriginDescriptor {
  readonly uri?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Address with the version, as S3's own tools write it. */
export function addressOf({ uri, versionId }: Origin): string {
  return versionedAddress(uri, versionId);
}

/** Address and version of a file from S3, and `annotations` that it has anyway. */
export function descriptorOf(
  origin: Origin | undefined,
  annotations: Readonly<Record<string, string>> = {},
): OriginDescriptor {
  const version = origin?.versionId === undefined ? {} : { 'version-id': origin.versionId };
  const all = { ...annotations, ...version };
  return {
    ...(origin === undefined ? {} : { uri: origin.uri }),
    ...(Object.keys(all).length === 0 ? {} : { annotations: all }),
  };
}
