import { formatAge } from '../report/numbers.ts';
import type { VersionRecord } from '../ledger/state.ts';

/** How old a baseline may be. `text` is how the user wrote it. */
export interface MaxAge {
  readonly text: string;
  readonly ms: number;
}

/** Whole seconds since the version was registered; 0 for one of the future, as clocks differ. */
export function ageSeconds({ registeredAt }: VersionRecord, now: number): number {
  return Math.max(0, Math.floor((now - registeredAt.getTime()) / 1000));
}

/** Why a version is too old to be a baseline; undefined when it is not. Exactly as old as allowed is young enough. */
export function tooOld(record: VersionRecord, maxAge: MaxAge | undefined, now: number): string | undefined {
  if (maxAge === undefined || now - record.registeredAt.getTime() <= maxAge.ms) return undefined;
  return `${record.version} is ${formatAge(ageSeconds(record, now))} old, gate.max-age is ${maxAge.text}`;
}
