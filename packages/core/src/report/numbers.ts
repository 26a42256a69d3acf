/** Decimals shown of a number of this size unless more are needed to tell it from another. */
function usualDecimals(magnitude: number): number {
  if (magnitude >= 1000) return 1;
  if (magnitude >= 10) return 2;
  if (magnitude >= 0.001 || magnitude === 0) return 4;
  return 2 - Math.floor(Math.log10(magnitude));
}

/** `toFixed` takes no more. */
const MOST_DECIMALS = 100;

/**
 * Numbers for display, all with the same decimals, as many as it takes to keep different numbers different: a value
 * just below its limit is never shown as the limit. Falls back on the unrounded numbers.
 */
export function formatApart(...values: readonly number[]): string[] {
  const magnitude = Math.max(...values.map(Math.abs));
  const distinct = new Set(values).size;
  for (
    let decimals = usualDecimals(magnitude);
    decimals <= Math.min(MOST_DECIMALS, usualDecimals(magnitude) + 16);
    decimals++
  ) {
    const texts = values.map((value) => fixed(value, decimals));
    if (new Set(texts).size === distinct) return texts;
  }
  return values.map(String);
}

/** A number for display, four decimals at the usual size of metrics. */
export function formatNumber(value: number): string {
  const decimals = usualDecimals(Math.abs(value));
  return decimals > MOST_DECIMALS ? String(value) : fixed(value, decimals);
}

/** A difference for display, always with its sign; what rounds to zero but is not says so. */
export function formatChange(change: number): string {
  if (change === 0) return '±0';
  const text = formatNumber(Math.abs(change));
  return `${change > 0 ? '+' : '−'}${text}`;
}

/** How long ago, in the largest unit that says enough: `3 days`. */
export function formatAge(seconds: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ];
  const [name, size] = units.find(([, s]) => seconds >= s) ?? ['second', 1];
  const count = Math.max(0, Math.floor(seconds / size));
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** A share in percent: `95 %`. */
export function formatPercent(share: number): string {
  return `${Number((share * 100).toFixed(4))} %`;
}

function fixed(value: number, decimals: number): string {
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${value < 0 ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}
