/** Bytes of a part, and the size from which files go in parts; S3 takes at most 10,000 of them. */
export const PART_BYTES = 8 << 20;
const MOST_PARTS = 10_000;

/** A part of a file: its number from 1, its first byte, its length. */
export interface Part {
  readonly number: number;
  readonly start: number;
  readonly bytes: number;
}

/** The parts of a file of this size. The same size always gives the same parts, so that an upload can be taken up. */
export function partsOf(bytes: number): Part[] {
  const size = Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS / PART_BYTES) * PART_BYTES);
  return Array.from({ length: Math.max(1, Math.ceil(bytes / size)) }, (_, index) => ({
    number: index + 1,
    start: index * size,
    bytes: Math.min(size, bytes - index * size),
  }));
}
