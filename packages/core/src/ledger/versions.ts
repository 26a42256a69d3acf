import { isVersion } from '../action/names.ts';

/** Which part of the version counts up. */
export type Bump = 'major' | 'minor' | 'patch';

const FIRST = 'v1.0.0';

interface Parts {
  /** Decimal numbers without leading zeros, of any size. */
  readonly core: readonly [string, string, string];
  readonly prerelease: readonly string[];
}

function parts(version: string): Parts {
  if (!isVersion(version)) throw new RangeError(`'${version}' is not a version such as v1.0.0`);
  const [plain = ''] = version.slice(1).split('+', 1);
  const dash = plain.indexOf('-');
  const [major = '0', minor = '0', patch = '0'] = (dash < 0 ? plain : plain.slice(0, dash)).split('.');
  return {
    core: [major, minor, patch],
    prerelease: dash < 0 ? [] : plain.slice(dash + 1).split('.'),
  };
}

/** Orders versions by Semantic Versioning 2.0 §11, build metadata last so that the order is total. */
export function compareVersions(a: string, b: string): number {
  return compareParts(parts(a), parts(b)) || compareText(a, b);
}

function compareParts(left: Parts, right: Parts): number {
  for (const index of [0, 1, 2] as const) {
    const order = compareNumbers(left.core[index], right.core[index]);
    if (order !== 0) return order;
  }
  return comparePrereleases(left.prerelease, right.prerelease);
}

/** Sorts by `compareVersions`, each version parsed once. */
export function sortByVersion<T extends { readonly version: string }>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, version: item.version, parts: parts(item.version) }))
    .sort((a, b) => compareParts(a.parts, b.parts) || compareText(a.version, b.version))
    .map(({ item }) => item);
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareIdentifiers(a[i] as string, b[i] as string);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function compareIdentifiers(a: string, b: string): number {
  const [numericA, numericB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numericA !== numericB) return numericA ? -1 : 1;
  if (!numericA) return compareText(a, b);
  return compareNumbers(a, b);
}

/** Of two numbers without leading zeros the longer is the greater. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compareText(a, b);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The version after all `taken` ones: v1.0.0 for the first, else the greatest with one part counted up. */
export function nextVersion(taken: readonly string[], bump: Bump): string {
  const greatest = sortByVersion(taken.map((version) => ({ version }))).at(-1)?.version;
  if (greatest === undefined) return FIRST;
  const { core, prerelease } = parts(greatest);
  const [major, minor, patch] = [BigInt(core[0]), BigInt(core[1]), BigInt(core[2])];
  const preview = prerelease.length > 0;
  switch (bump) {
    case 'major':
      return preview && minor === 0n && patch === 0n ? `v${major}.0.0` : `v${major + 1n}.0.0`;
    case 'minor':
      return preview && patch === 0n ? `v${major}.${minor}.0` : `v${major}.${minor + 1n}.0`;
    case 'patch':
      return `v${major}.${minor}.${preview ? patch : patch + 1n}`;
  }
}
