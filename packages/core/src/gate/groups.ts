/** Which rows belong together: a number from 0 to `count` − 1 for each row. */
export interface Groups {
  readonly of: Uint32Array;
  readonly count: number;
}

/** Numbers the distinct values of a column in the order in which they first occur. */
export function groupsOf(values: Iterable<string | number | null>): Groups {
  const numbers = new Map<string | number | null, number>();
  const of = Uint32Array.from(values, (value) => {
    const known = numbers.get(value);
    if (known !== undefined) return known;
    numbers.set(value, numbers.size);
    return numbers.size - 1;
  });
  return { of, count: numbers.size };
}
