import { isImplicit } from './implicit.ts';

/** How a scalar is written: without quotes, in single or in double quotes. */
export type Style = 'plain' | 'single' | 'double';

const BREAKS = '\n\u0085\u2028\u2029';
const SPACE_OR_BREAK = '\0 \t\r\n\u0085\u2028\u2029';
/** Characters that a plain scalar may not begin with. */
const LEADING = '#,[]{}&*!|>\'"%@`';

/** Whether text has a line break of YAML. */
export function hasBreak(text: string): boolean {
  return [...text].some((character) => BREAKS.includes(character));
}

/** The style that ruamel.yaml chooses for text (`choose_scalar_style` and `analyze_scalar` of its `emitter.py`). */
export function styleOf(text: string, isKey: boolean): Style {
  if (text === '') return 'single';
  const characters = [...text];
  const multiline = characters.some((c) => BREAKS.includes(c));
  if (!multiline && !isImplicit(text) && allowsPlain(text, characters)) return 'plain';
  if (text.includes("'") || text.includes('\n')) return 'double';
  return allowsSingle(characters) && !(isKey && multiline) ? 'single' : 'double';
}

function allowsPlain(text: string, characters: readonly string[]): boolean {
  return (
    !characters.some(isSpecial) &&
    !text.startsWith(' ') &&
    !text.endsWith(' ') &&
    !hasIndicator(text, characters)
  );
}

/** Marks that mean something to YAML outside of flow collections. */
function hasIndicator(text: string, characters: readonly string[]): boolean {
  if (text.startsWith('---') || text.startsWith('...')) return true;
  return characters.some((character, index) => {
    const next = characters[index + 1];
    const before = characters[index - 1];
    const spaceNext = next === undefined || SPACE_OR_BREAK.includes(next);
    if (index === 0 && LEADING.includes(character)) return true;
    if (index === 0 && '?:-'.includes(character) && spaceNext) return true;
    if (character === ':' && index > 0 && spaceNext) return true;
    return character === '#' && before !== undefined && SPACE_OR_BREAK.includes(before);
  });
}

/** Single quotes cannot hold special characters, nor a space beside a line break. */
function allowsSingle(characters: readonly string[]): boolean {
  return !characters.some((character, index) => {
    const before = characters[index - 1];
    const spaceAfterBreak = character === ' ' && before !== undefined && BREAKS.includes(before);
    const breakAfterSpace = BREAKS.includes(character) && before === ' ';
    return isSpecial(character) || spaceAfterBreak || breakAfterSpace;
  });
}

/** Control characters, the byte order mark and single surrogates, which only an escape can write. */
function isSpecial(character: string): boolean {
  return character !== '\n' && !(character >= ' ' && character <= '~') && !isPrintableUnicode(character);
}

/** What is written as it is beyond ASCII. */
export function isPrintableUnicode(character: string): boolean {
  const code = character.codePointAt(0) as number;
  return (
    code === 0x85 ||
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff) ||
    code >= 0x10000
  );
}
