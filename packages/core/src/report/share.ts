/**
 * Shares `budget` among parts that would like to be as long as `wanted` says: nobody gets more than wanted, and whoever
 * gets less gets at least as much as everybody else. Whole numbers; their sum never exceeds the budget.
 */
export function shareOut(wanted: readonly number[], budget: number): number[] {
  const shares = wanted.map(() => 0);
  let left = Math.max(0, Math.floor(budget));
  const smallestFirst = wanted.map((_, i) => i).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  for (const [served, i] of smallestFirst.entries()) {
    const fair = Math.floor(left / (wanted.length - served));
    shares[i] = Math.min(wanted[i] as number, fair);
    left -= shares[i];
  }
  return shares;
}
