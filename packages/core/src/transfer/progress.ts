import type { Log } from '../action/log.ts';

/** A transfer that is under way. */
export interface Progress {
  /** Counts bytes as they arrive. A negative number takes back what has to be sent again. */
  add(bytes: number): void;
  /** Prints the last line: size, time, rate. Not called for a transfer that failed. */
  done(): void;
}

/** What is transferred. */
interface Transfer {
  readonly log: Log;
  /** Begins every line, such as `Storing flight-delay in dir:/srv/models`. */
  readonly what: string;
  /** Bytes in all. */
  readonly bytes: number;
  /** A clock in ms that never goes back. */
  readonly now?: () => number;
}

/** What a line is about, times in ms. */
interface Moment {
  readonly done: number;
  readonly total: number;
  /** Bytes and time since the line before, which say how fast it is now. */
  readonly recent: { readonly bytes: number; readonly ms: number };
}

const FIRST_LINE_MS = 5_000;
const BETWEEN_LINES_MS = 10_000;

/**
 * Follows a transfer in the log of a step, which is no terminal: a plain line after five seconds and then at most every
 * ten, and one at the end.
 */
export function trackProgress({ log, what, bytes, now = () => performance.now() }: Transfer): Progress {
  const began = now();
  let done = 0;
  let last = { at: began, done: 0 };
  return {
    add(count) {
      done += count;
      const at = now();
      if (at - began < FIRST_LINE_MS || (last.at > began && at - last.at < BETWEEN_LINES_MS)) return;
      const recent = { bytes: done - last.done, ms: at - last.at };
      last = { at, done };
      log.info(`${what}: ${describeProgress({ done, total: bytes, recent })}.`);
    },
    done() {
      log.info(`${what}: ${describeEnd(bytes, now() - began)}.`);
    },
  };
}

/** How far a transfer is: `1.2 GB of 10.0 GB (12 %), 118 MB/s, 1 min 15 s left`. */
export function describeProgress({ done, total, recent }: Moment): string {
  const share = total === 0 ? 100 : Math.floor((100 * done) / total);
  const moved = `${formatBytes(done)} of ${formatBytes(total)} (${share} %)`;
  if (recent.bytes <= 0) return `${moved}, nothing in the last ${formatSeconds(recent.ms)}`;
  const left = (Math.max(0, total - done) / recent.bytes) * recent.ms;
  return `${moved}, ${formatRate(recent.bytes, recent.ms)}, ${formatSeconds(left)} left`;
}

/** What a transfer came to: `10.0 GB in 1 min 25 s (118 MB/s)`. */
export function describeEnd(bytes: number, ms: number): string {
  return `${formatBytes(bytes)} in ${formatSeconds(ms)}${bytes === 0 ? '' : ` (${formatRate(bytes, ms)})`}`;
}

/** A clock that stood still would make the rate infinite. */
function formatRate(bytes: number, ms: number): string {
  return `${formatBytes((bytes / Math.max(1, ms)) * 1000)}/s`;
}

const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** A number of bytes in decimal units: `999 B`, `1.5 kB`, `118 MB`. */
export function formatBytes(bytes: number): string {
  if (Math.round(bytes) < 1000) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = '';
  for (const next of UNITS) {
    if (Number(value.toPrecision(3)) < 1000) break;
    value /= 1000;
    unit = next;
  }
  const digits = Number(value.toPrecision(3)) < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

function formatSeconds(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
