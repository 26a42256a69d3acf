/**
 * What ruamel.yaml, which DVC writes with, takes for something else than text when it stands without quotes: YAML 1.2,
 * with its own additions (`1_000`, dates). Source: ruamel.yaml 0.19.1, `resolver.py`.
 */
const IMPLICIT: readonly (readonly [first: string, pattern: RegExp])[] = [
  ['tTfF', /^(?:true|True|TRUE|false|False|FALSE)$/],
  [
    '-+0123456789.',
    /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  ],
  ['-+0123456789', /^(?:[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)$/],
  ['<', /^<<$/],
  ['~nN', /^(?:~|null|Null|NULL)$/],
  [
    '0123456789',
    /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
  ],
  ['=', /^=$/],
];

/** Whether plain `text` would be read as a number, a truth value, null, a date or a sign of YAML. */
export function isImplicit(text: string): boolean {
  const first = text[0];
  if (first === undefined) return true;
  return IMPLICIT.some(([starts, pattern]) => starts.includes(first) && pattern.test(text));
}
