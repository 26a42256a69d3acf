import { truncate } from './markdown.ts';

/**
 * How much a section of a report matters: the verdict is always there; where space is short, charts go first, then the
 * folded appendices, then the visible findings.
 */
export type Weight = 'verdict' | 'finding' | 'appendix' | 'chart';

/** A part of a report that is shown or left out as a whole, so that no table and no folded part is ever cut. */
export interface Section {
  readonly weight: Weight;
  /** Empty where there is nothing to say. */
  readonly markdown: string;
}

const LEFT_OUT_FIRST = ['chart', 'appendix', 'finding'] as const satisfies readonly Weight[];

/**
 * Returns the sections as one text of at most `limit` characters (or bytes of UTF-8), as `fittingSections` chooses them.
 */
export function fitSections(
  sections: readonly Section[],
  limit: number,
  pointer: string,
  unit: 'characters' | 'bytes' = 'characters',
): string {
  return joinSections(fittingSections(sections, limit, pointer, unit));
}

/**
 * Returns the sections that make one text of at most `limit` characters (or bytes of UTF-8). What does not fit is left
 * out, the least weighty first and of equal ones the last; then `pointer`, a sentence that says where the rest is, comes
 * last. Only a verdict that is too long by itself is cut.
 */
export function fittingSections(
  sections: readonly Section[],
  limit: number,
  pointer: string,
  unit: 'characters' | 'bytes' = 'characters',
): Section[] {
  const size = (text: string): number => (unit === 'bytes' ? Buffer.byteLength(text) : text.length);
  const kept = [...sections];
  if (size(joinSections(kept)) <= limit) return kept;
  const end: Section = { weight: 'verdict', markdown: pointer };
  for (const weight of LEFT_OUT_FIRST) {
    for (let i = kept.length - 1; i >= 0; i--) {
      if (kept[i]?.weight !== weight) continue;
      kept.splice(i, 1);
      if (size(joinSections([...kept, end])) <= limit) return [...kept, end];
    }
  }
  // With the pointer, so that it is cut and says so also where the verdict alone would fit. The last line break counts as well.
  return [{ weight: 'verdict', markdown: truncate(joinSections([...kept, end]), limit - 1, pointer, unit) }];
}

/** Returns all sections as one text that ends with a line break. */
export function joinSections(sections: readonly Section[]): string {
  const texts = sections.map(({ markdown }) => markdown).filter((text) => text !== '');
  return `${texts.join('\n\n')}\n`;
}
