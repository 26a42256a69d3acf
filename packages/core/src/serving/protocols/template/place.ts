import { UserError } from '../../../action/errors.ts';
import type { Found } from '../kind.ts';

/** Keys and indexes on the way to a value. */
export type Place = readonly (string | number)[];

const STEP = /^(?:\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,9})\]|\["([^"\\]+)"\])/;

/** Parses `predictions[0].score`, also with `$.` before it; keys with other characters are written `["a key"]`. Throws `bad-config`. */
export function parsePlace(text: string, name: string): Place {
  const place: (string | number)[] = [];
  let rest = text.startsWith('$') ? text.slice(1) : text;
  while (rest !== '') {
    const step = STEP.exec(rest);
    if (step === null) {
      throw new UserError(
        'bad-config',
        `${name} is '${text}', which cannot be read from '${rest}' on. Write keys and indexes, such as predictions[0] or outputs.score; a key with other characters is ["a key"].`,
      );
    }
    const [whole, key, index, quoted] = step;
    place.push(index === undefined ? (key ?? quoted ?? '') : Number(index));
    rest = rest.slice(whole.length);
  }
  return place;
}

/** What lies at a place of a JSON document. */
export function valueAt(document: unknown, place: Place): Found {
  let value = document;
  for (const [depth, step] of place.entries()) {
    const fits = typeof step === 'number' ? Array.isArray(value) : isRecord(value);
    if (!fits || !Object.hasOwn(value as object, step))
      return { kind: 'missing', message: `nothing at ${shown(place.slice(0, depth + 1))}` };
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return { kind: 'found', value };
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(place: Place): string {
  return `$${place.map((step) => (typeof step === 'number' ? `[${step}]` : `[${JSON.stringify(step)}]`)).join('')}`;
}
