import { type DocumentOptions, type ParseOptions, type ScalarTag, type SchemaOptions, type Tags } from 'yaml';
import { LIMITS } from '../action/limits.ts';
import { readValue } from '../schema/document.ts';

/** How ruamel.yaml resolves plain numbers; its underscores are gone when they are read. */
const NUMBERS: readonly (readonly ['int' | 'float', RegExp, (text: string) => number])[] = [
  ['int', /^[-+]?0b_*[01][01_]*$/, (text) => signed(text, 2)],
  ['int', /^[-+]?0o_*[0-7][0-7_]*$/, (text) => signed(text, 8)],
  ['int', /^[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*$/, (text) => signed(text, 16)],
  ['int', /^(?:[-+]_*[0-9][0-9_]*|[0-9][0-9_]*)$/, Number],
  ['float', /^[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?$/, Number],
  ['float', /^[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+$/, Number],
  ['float', /^[-+]?\._*[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/, Number],
  ['float', /^[-+]?\.(?:inf|Inf|INF)$/, (text) => (text.startsWith('-') ? -Infinity : Infinity)],
  ['float', /^\.(?:nan|NaN|NAN)$/, () => Number.NaN],
];

function signed(text: string, base: 2 | 8 | 16): number {
  const digits = Number.parseInt(text.replace(/^[-+]?0[box]/, ''), base);
  return text.startsWith('-') ? -digits : digits;
}

const isNumber = (tag: Tags[number]): boolean => typeof tag === 'object' && /:(?:int|float)$/.test(tag.tag);

/**
 * YAML as DVC reads all of its files, by ruamel.yaml: version 1.2, so that `yes` is a text and `010` is ten, but with merge
 * keys (`<<`), underscores in numbers and binary ones.
 */
export const AS_DVC = {
  version: '1.2',
  merge: true,
  customTags: (tags: Tags): Tags => [
    ...tags.filter((tag) => !isNumber(tag)),
    ...NUMBERS.map(([kind, test, read]): ScalarTag => ({
      tag: `tag:yaml.org,2002:${kind}`,
      default: true,
      test,
      resolve: (text) => read(text.replaceAll('_', '')),
    })),
  ],
} satisfies ParseOptions & DocumentOptions & SchemaOptions;

/** The values of a parameter file, YAML or JSON. Throws where it is neither. */
export function parseParams(text: string): unknown {
  return readValue(text, LIMITS.metrics, AS_DVC);
}
