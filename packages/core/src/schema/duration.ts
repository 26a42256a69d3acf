import { UserError } from '../action/errors.ts';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What a timer can wait for: 2^31 - 1 ms, which is 24 days and a half. A longer one would go off at once. */
const LONGEST_MS = 2_147_483_647;

/**
 * Milliseconds of a duration such as `80ms`, `90s`, `45m`, `6h`, more than zero and at most 24 days. Throws `bad-input`
 * naming `where` for anything else.
 */
export function parseDuration(text: string, where: string): number {
  const milliseconds = millisecondsOf(text, where);
  if (milliseconds > 0 && milliseconds <= LONGEST_MS) return milliseconds;
  throw new UserError(
    'bad-input',
    `${where} is '${text}'. Write a duration of more than zero and at most 576h (24 days).`,
  );
}

/** Milliseconds of an age such as `12h` or `30d`, more than zero. Throws `bad-input` naming `where` for anything else. */
export function parseAge(text: string, where: string): number {
  const milliseconds = millisecondsOf(text, where);
  if (milliseconds > 0 && Number.isFinite(milliseconds)) return milliseconds;
  throw new UserError('bad-input', `${where} is '${text}'. Write an age of more than zero, such as 30d.`);
}

function millisecondsOf(text: string, where: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) {
    throw new UserError(
      'bad-input',
      `${where} is '${text}'. Write a number with ms, s, m, h or d, such as 90s or 6h.`,
    );
  }
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}
