import { sha256, sha256File } from '../digest/files.ts';
import { companionName } from './description.ts';
import type { Companion } from './store.ts';

/** Something that is to be stored beside a model, with the digest that it is found by. */
export interface Identified {
  readonly name: string;
  /** Hex. */
  readonly sha256: string;
  readonly content: Companion;
}

/** Digests what is to be stored beside a model. Throws for a name that would be another place. */
export async function identified(companions: ReadonlyMap<string, Companion>): Promise<Identified[]> {
  for (const name of companions.keys()) companionName(name);
  return Promise.all(
    [...companions].map(async ([name, content]) => ({
      name,
      sha256: await companionDigest(content),
      content,
    })),
  );
}

/** The sha256 (hex) of what is stored beside a model. */
export function companionDigest(content: Companion): Promise<string> {
  return 'text' in content ? Promise.resolve(sha256(content.text)) : sha256File(content.path);
}
