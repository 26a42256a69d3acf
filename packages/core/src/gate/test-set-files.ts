import * as path from 'node:path';
import picomatch from 'picomatch/posix';

/** Tells files of a test set by their paths from the top of the repository; `base` is the folder that the patterns are relative to. */
export function testSetMatcher(base: string, patterns: readonly string[]): (file: string) => boolean {
  const at = (given: string): string => path.posix.normalize(path.posix.join(base, given));
  const names = patterns.map(at);
  const globs = names.map((pattern) => picomatch(pattern, { dot: true }));
  const isPart = (file: string): boolean => names.includes(file) || globs.some((matches) => matches(file));
  // A file of the set, or DVC's record of it or of a folder around it.
  return (file) => {
    if (isPart(file)) return true;
    const tracked = file.endsWith('.dvc') ? file.slice(0, -'.dvc'.length) : undefined;
    if (tracked === undefined) return false;
    return isPart(tracked) || names.some((pattern) => pattern.startsWith(`${tracked}/`));
  };
}

/** Tells the file that pins a test set in S3. */
export function pinMatcher(base: string, patterns: readonly string[]): (file: string) => boolean {
  const pins = path.posix.normalize(path.posix.join(base, 'sluice.lock.yaml'));
  const isPinned = patterns.some((pattern) => pattern.startsWith('s3://'));
  return (file) => isPinned && file === pins;
}
