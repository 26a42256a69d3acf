/** What is known of a test set: its files by name and sha256, its bytes by DVC's digest, or both. */
export interface TestSetIdentity {
  /** sha256 (hex) over the names and digests of its files. */
  readonly sha256?: string | undefined;
  /** DVC's digest of its bytes, whatever they are called: `md5:` and hex, with `.dir` behind that of a folder. */
  readonly md5?: string | undefined;
}

/** The part of `gate.json` that says what was measured on. */
export interface TestSetRecord {
  readonly 'test-set-digest'?: string | null | undefined;
  readonly 'test-set-md5'?: string | null | undefined;
}

/** What a gate recorded of its test set. */
export function recordedTestSet(record: TestSetRecord | undefined): TestSetIdentity {
  return {
    sha256: record?.['test-set-digest'] ?? undefined,
    md5: record?.['test-set-md5'] ?? undefined,
  };
}

/** The digests of a test set on one line, as its version's tag has them; undefined where none is known. */
export function testSetText({ sha256, md5 }: TestSetIdentity): string | undefined {
  const digests = [sha256 && `sha256:${sha256}`, md5].filter((digest) => digest !== undefined);
  return digests.length === 0 ? undefined : digests.join(' ');
}
