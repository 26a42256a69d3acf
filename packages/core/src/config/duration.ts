import { UserError } from '../action/errors.ts';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration such as `80ms`, `90s`, `45m`, `6h`. Throws `bad-input` naming `where` for anything else. */
export function parseDuration(text: string, where: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (match === null) {
    throw new UserError(
      'bad-input',
      `${where} is '${text}'. Write a number with ms, s, m or h, such as 90s or 6h.`,
    );
  }
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}
