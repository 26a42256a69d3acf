import { UserError } from '../../action/errors.ts';
import { base } from './base.ts';
import { champion, deployed } from './environment.ts';
import { file } from './file.ts';
import { latest } from './latest.ts';
import { mergeBase } from './merge-base.ts';
import type { SourceAnswer, SourceKind, SourceSearch } from './source.ts';

/** Where a baseline may come from. */
export type SourceName = 'champion' | 'deployed' | 'latest' | 'merge-base' | 'file' | 'base';

const SOURCES = {
  champion,
  deployed,
  latest,
  'merge-base': mergeBase,
  file,
  base,
} as const satisfies Record<SourceName, SourceKind>;

/** A source as the user wrote it. */
export interface BaselineSource {
  readonly text: string;
  readonly find: (search: SourceSearch) => Promise<SourceAnswer>;
}

/** Parses one baseline source; throws `bad-config` with what is allowed. */
export function parseSource(text: string): BaselineSource {
  const [, name = '', argument] = /^([^:]+)(?::(.+))?$/s.exec(text) ?? [];
  const kind = isSourceName(name) ? kindOf(name) : undefined;
  if (kind === undefined || (kind.argument === undefined) !== (argument === undefined)) throw unknown(text);
  const given = argument ?? '';
  kind.check?.(given);
  return { text, find: (search) => kind.find(given, search) };
}

function isSourceName(name: string): name is SourceName {
  return Object.hasOwn(SOURCES, name);
}

function kindOf(name: SourceName): SourceKind {
  return SOURCES[name];
}

function unknown(text: string): UserError {
  const allowed = Object.keys(SOURCES).map((name) => {
    const { argument } = kindOf(name as SourceName);
    return argument === undefined ? name : `${name}:<${argument}>`;
  });
  return new UserError(
    'bad-config',
    `The baseline source '${text}' is not known. Allowed: ${allowed.join(', ')}.`,
  );
}
