import type { Assignment } from './state.ts';

/**
 * Versions in the order in which they came into service, the last one last. Going back takes off what was gone back over: after
 * v1, v2, v3 and a rollback to v1, nothing was in service before v1.
 */
export function servingOrder(history: readonly Assignment[]): string[] {
  const order: string[] = [];
  for (const [index, event] of history.entries()) {
    if (event.kind !== 'assignment') continue;
    const at = order.lastIndexOf(event.version);
    if (at >= 0 && isStepBack(history, index)) order.length = at + 1;
    else if (at !== order.length - 1 || at < 0) order.push(event.version);
  }
  return order;
}

/** Whether an assignment came with the withdrawal of what was live, as those of rollbacks do. */
export function isRollback(history: readonly Assignment[], index: number): boolean {
  const [before, event] = [history[index - 1], history[index]];
  return before?.kind === 'unassignment' && before.version === event?.trailers.get('From');
}

/** Whether an assignment is of a rollback that quarantined what it left; one that takes a rollback back goes forward. */
function isStepBack(history: readonly Assignment[], index: number): boolean {
  return isRollback(history, index) && history[index - 1]?.trailers.get('Quarantine') === 'true';
}
