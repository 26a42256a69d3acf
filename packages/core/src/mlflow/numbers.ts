/*
 * MLflow counts 1, 2, 3; the ledger has versions. N in MLflow and vN.0.0 in the ledger are the same thing.
 */

/** The ledger's version of a number of MLflow. */
export function versionOf(number: string): string {
  return `v${number}.0.0`;
}

/** MLflow's number of a version, undefined for one that has none, such as v1.2.0. */
export function numberOf(version: string): string | undefined {
  return /^v([1-9]\d*)\.0\.0$/.exec(version)?.[1];
}

/**
 * Whether a number may become a version: it has to be newer than every version that the ledger has named, or the newest
 * version would not be the one that was registered last.
 */
export function isFree(number: string, taken: ReadonlySet<string>): boolean {
  return [...taken].every((version) => BigInt(number) > majorOf(version));
}

function majorOf(version: string): bigint {
  return BigInt(/^v(\d+)\./.exec(version)?.[1] ?? '0');
}
