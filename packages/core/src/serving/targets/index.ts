import type { Section } from '../../schema/section.ts';
import { command } from './command/kind.ts';
import { directory } from './directory/kind.ts';
import { haproxy } from './haproxy/kind.ts';
import type { ConfiguredTarget, TargetKind, TargetStep } from './kind.ts';
import type { TargetConfig, TargetConfigOf, TargetType } from './schema.ts';

/** A row for each member of the union in schema.ts; one without a row does not compile. */
export const TARGETS: { readonly [T in TargetType]: TargetKind<TargetConfigOf<T>> } = {
  directory,
  command,
  haproxy,
};

/** The target that a section describes. Throws UserError `bad-config` for what its schema cannot see. */
export function readTarget(section: Section<TargetConfig>, step: TargetStep): ConfiguredTarget {
  return readOf(section.value.type, section, step);
}

/** Type and section of one row, so that the compiler sees that they belong together. */
function readOf<T extends TargetType>(
  type: T,
  section: Section<TargetConfigOf<T>>,
  step: TargetStep,
): ConfiguredTarget {
  return TARGETS[type](section, step);
}
