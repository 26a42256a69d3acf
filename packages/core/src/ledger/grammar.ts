import { SEMVER } from '../action/names.ts';

/*
 * The tag grammar of GTO 1.10 (gto/constants.py), which `gto show` reads:
 *
 *   name    = [a-zA-Z0-9]([a-zA-Z0-9-/_]*[a-zA-Z0-9])?
 *   tag     = artifact ( "#"stage["!"] | "@v"semver["!"] | "@deprecated" | "@created" ) ["#"counter]
 *   artifact = [dirname "="] name
 */

interface Common {
  /** Name of the model, `dir=name` where GTO has it in a folder. */
  readonly model: string;
  /** Makes tags unique; says nothing about order. */
  readonly counter?: number | undefined;
}

/** What a tag of the ledger says happened. */
export type TagEvent =
  | (Common & { readonly kind: 'registration' | 'deregistration'; readonly version: string })
  | (Common & { readonly kind: 'assignment' | 'unassignment'; readonly environment: string })
  | (Common & { readonly kind: 'deprecation' | 'creation' });

const NAME = '[a-zA-Z0-9](?:[a-zA-Z0-9\\-/_]*[a-zA-Z0-9])?';
const TAG = new RegExp(
  `^((?:[a-zA-Z0-9\\-_./]+=)?${NAME})` +
    `(?:(?:#(${NAME})|@(v${SEMVER}))(!?)|@(deprecated|created))` +
    '(?:#([0-9]+))?$',
);
/** Parses a tag's short name (without `refs/tags/`); undefined when it is not in GTO's grammar. */
export function parseTag(tag: string): TagEvent | undefined {
  const match = TAG.exec(tag);
  if (match === null) return undefined;
  const [, model = '', environment, version, cancel, word, digits] = match;
  const counter = digits === undefined ? undefined : Number(digits);
  const cancelled = cancel === '!';
  if (version !== undefined)
    return { kind: cancelled ? 'deregistration' : 'registration', model, version, counter };
  if (environment !== undefined)
    return { kind: cancelled ? 'unassignment' : 'assignment', model, environment, counter };
  return { kind: word === 'created' ? 'creation' : 'deprecation', model, counter };
}

/** Writes the short name of the tag for an event; the inverse of `parseTag`. */
export function formatTag(event: TagEvent): string {
  const counter = event.counter === undefined ? '' : `#${event.counter}`;
  return `${event.model}${formatEvent(event)}${counter}`;
}

function formatEvent(event: TagEvent): string {
  switch (event.kind) {
    case 'registration':
      return `@${event.version}`;
    case 'deregistration':
      return `@${event.version}!`;
    case 'assignment':
      return `#${event.environment}`;
    case 'unassignment':
      return `#${event.environment}!`;
    case 'deprecation':
      return '@deprecated';
    case 'creation':
      return '@created';
  }
}
