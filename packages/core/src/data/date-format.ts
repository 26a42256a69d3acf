/** Letters of Java's DateTimeFormatter that are understood: a regular expression and strptime's name for each. */
const PARTS: readonly (readonly [string, string, string])[] = [
  ['yyyy', String.raw`\d{4}`, '%Y'],
  ['uuuu', String.raw`\d{4}`, '%Y'],
  ['MM', String.raw`\d{2}`, '%m'],
  ['dd', String.raw`\d{2}`, '%d'],
  ['HH', String.raw`\d{2}`, '%H'],
  ['mm', String.raw`\d{2}`, '%M'],
  ['ss', String.raw`\d{2}`, '%S'],
  ['SSSSSS', String.raw`\d{6}`, '%f'],
  ['SSS', String.raw`\d{3}`, '%g'],
  // The offset from UTC: one letter for hours, two for minutes without a colon, three for minutes with one.
  ['X'.repeat(3), String.raw`(?:Z|[+-]\d{2}:\d{2})`, '%z'],
  ['X'.repeat(2), String.raw`(?:Z|[+-]\d{4})`, '%z'],
  ['X', String.raw`(?:Z|[+-]\d{2})`, '%z'],
];

/** A date format in the two forms the engine needs. */
export interface DateFormat {
  /** Full-match regular expression (RE2). */
  readonly pattern: string;
  /** For strptime. */
  readonly strptime: string;
}

/** Whether `translateDateFormat` can read it. */
export function isDateFormat(format: string): boolean {
  return translateDateFormat(format) !== undefined;
}

/**
 * Translates a date format of ODCS (the letters of Java's DateTimeFormatter, text in single quotes). Returns undefined
 * when it holds a letter that is not understood, so that no part of it is ignored.
 */
export function translateDateFormat(format: string): DateFormat | undefined {
  let rest = format;
  let pattern = '';
  let strptime = '';
  while (rest !== '') {
    const part = PARTS.find(([letters]) => rest.startsWith(letters));
    const text = /^'([^']*)'|^[^A-Za-z']/.exec(rest);
    if (part !== undefined) {
      pattern += part[1];
      strptime += part[2];
      rest = rest.slice(part[0].length);
      if (rest.startsWith(part[0].charAt(0))) return undefined;
    } else if (text !== null) {
      const literal = text[1] ?? text[0];
      pattern += literal.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
      strptime += literal.replaceAll('%', '%%');
      rest = rest.slice(text[0].length);
    } else return undefined;
  }
  return pattern === '' ? undefined : { pattern, strptime };
}
