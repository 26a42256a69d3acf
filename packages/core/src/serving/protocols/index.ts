import type { Section } from '../../schema/section.ts';
import { json } from './json/protocol.ts';
import type { Protocol, ProtocolKind } from './kind.ts';
import type { ProtocolConfig, ProtocolConfigOf, ProtocolName } from './schema.ts';
import { template } from './template/protocol.ts';

/** A row for each member of the union in schema.ts; one without a row does not compile. */
export const PROTOCOLS: { readonly [N in ProtocolName]: ProtocolKind<ProtocolConfigOf<N>> } = {
  json,
  template,
};

/** The protocol that sluice.yaml names. Throws UserError `bad-config` for what its schema cannot see. */
export function protocolOf(section: Section<ProtocolConfig>): Protocol {
  const { value } = section;
  const name = (typeof value === 'string' ? value : Object.keys(value)[0]) as ProtocolName;
  return named(name, section);
}

/** Name and settings of one row, so that the compiler sees that they belong together. */
function named<N extends ProtocolName>(name: N, section: Section<ProtocolConfig>): Protocol {
  return PROTOCOLS[name](section as Section<ProtocolConfigOf<N>>);
}
