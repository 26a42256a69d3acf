/** One column of a table, held so that ten million rows fit into memory. */
export interface Cells {
  readonly length: number;
  /** Appends a value; rows come in their order. */
  push(cell: CellValue): void;
  /** The value exactly as written, null where it is missing. */
  at(row: number): string | null;
  isMissing(row: number): boolean;
  /** All values as numbers, NaN where missing, not to be written to; or the first row whose text is none. */
  numbers(): Float64Array | { readonly badRow: number };
  /** Whether `holds` is true of every text that is not missing. */
  everyText(holds: (text: string) => boolean): boolean;
}

export type CellValue = string | number | boolean | null;

/** Empty cells for `rows` rows. */
export function newCells(rows: number, kind: 'number' | 'boolean' | 'text'): Cells {
  return kind === 'text' ? new TextCells(rows) : new NumberCells(rows, kind);
}

/** Numbers or booleans, eight bytes each. */
class NumberCells implements Cells {
  length = 0;
  readonly values: Float64Array;
  readonly #missing: Marks;
  readonly #kind: 'number' | 'boolean';

  constructor(rows: number, kind: 'number' | 'boolean') {
    this.values = new Float64Array(rows);
    this.#missing = new Marks(rows);
    this.#kind = kind;
  }

  push(cell: CellValue): void {
    if (cell === null) this.#missing.add(this.length);
    this.values[this.length++] = cell === null ? NaN : Number(cell);
  }

  at(row: number): string | null {
    if (this.#missing.has(row)) return null;
    const value = this.values[row] as number;
    return String(this.#kind === 'boolean' ? value === 1 : value);
  }

  isMissing(row: number): boolean {
    return this.#missing.has(row);
  }

  numbers(): Float64Array {
    return this.values;
  }

  everyText(holds: (text: string) => boolean): boolean {
    if (this.#kind === 'boolean')
      return this.length === this.#missing.count || (holds('true') && holds('false'));
    // All numbers are alike in how they are written, but for these three.
    return ['0', 'NaN', 'Infinity'].every(holds);
  }
}

/** More different texts than this are not kept once each. */
const MOST_WORDS = 1 << 16;

/** Texts: each different one once while there are few, else all bytes in one buffer. */
class TextCells implements Cells {
  readonly #rows: number;
  #words: Words | undefined;
  #packed: PackedTexts | undefined;

  constructor(rows: number) {
    this.#rows = rows;
    this.#words = new Words(rows);
  }

  get length(): number {
    return (this.#words ?? (this.#packed as PackedTexts)).length;
  }

  push(cell: CellValue): void {
    const text = cell === null ? null : String(cell);
    if (this.#words?.push(text) === true) return;
    if (this.#words !== undefined) {
      this.#packed = new PackedTexts(this.#rows);
      for (let row = 0; row < this.#words.length; row++) this.#packed.push(this.#words.at(row));
      this.#words = undefined;
    }
    this.#packed?.push(text);
  }

  at(row: number): string | null {
    return (this.#words ?? (this.#packed as PackedTexts)).at(row);
  }

  isMissing(row: number): boolean {
    return (this.#words ?? (this.#packed as PackedTexts)).isMissing(row);
  }

  numbers(): Float64Array | { readonly badRow: number } {
    const values = new Float64Array(this.length);
    for (let row = 0; row < values.length; row++) {
      const text = this.at(row);
      const value = text === null ? NaN : numberOf(text);
      if (value === undefined) return { badRow: row };
      values[row] = value;
    }
    return values;
  }

  everyText(holds: (text: string) => boolean): boolean {
    const holdsOrMissing = (text: string | null): boolean => text === null || holds(text);
    if (this.#words !== undefined) return this.#words.words.every(holdsOrMissing);
    for (let row = 0; row < this.length; row++) if (!holdsOrMissing(this.at(row))) return false;
    return true;
  }
}

/** For each row the number of its text. */
class Words {
  length = 0;
  readonly words: (string | null)[] = [];
  readonly #codes: Uint16Array;
  readonly #codeOf = new Map<string | null, number>();

  constructor(rows: number) {
    this.#codes = new Uint16Array(rows);
  }

  /** False when there are too many different texts, and this one was not taken. */
  push(text: string | null): boolean {
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      if (this.words.length === MOST_WORDS) return false;
      code = this.words.push(text) - 1;
      this.#codeOf.set(text, code);
    }
    this.#codes[this.length++] = code;
    return true;
  }

  at(row: number): string | null {
    return this.words[this.#codes[row] as number] as string | null;
  }

  isMissing(row: number): boolean {
    return this.at(row) === null;
  }
}

/** Rows that are marked; takes no memory until one is. */
class Marks {
  count = 0;
  readonly #rows: number;
  #marks: Uint8Array | undefined;

  constructor(rows: number) {
    this.#rows = rows;
  }

  add(row: number): void {
    this.#marks ??= new Uint8Array(this.#rows);
    this.#marks[row] = 1;
    this.count++;
  }

  has(row: number): boolean {
    return this.#marks?.[row] === 1;
  }
}

/** UTF-8, one text after the other. */
class PackedTexts {
  length = 0;
  #bytes = Buffer.alloc(1 << 20);
  /** Where each text ends; doubles, because there may be more than 4 GiB. */
  readonly #ends: Float64Array;
  readonly #missing: Marks;

  constructor(rows: number) {
    this.#ends = new Float64Array(rows);
    this.#missing = new Marks(rows);
  }

  push(text: string | null): void {
    if (text === null) this.#missing.add(this.length);
    const start = this.#start(this.length);
    // A UTF-16 unit takes at most three bytes.
    const most = start + 3 * (text?.length ?? 0);
    if (most > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(most, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    this.#ends[this.length++] = start + this.#bytes.write(text ?? '', start, 'utf8');
  }

  isMissing(row: number): boolean {
    return this.#missing.has(row);
  }

  at(row: number): string | null {
    if (this.isMissing(row)) return null;
    return this.#bytes.toString('utf8', this.#start(row), this.#ends[row]);
  }

  #start(row: number): number {
    return row === 0 ? 0 : (this.#ends[row - 1] as number);
  }
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const SPECIAL: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  infinity: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  '-infinity': -Infinity,
  true: 1,
  false: 0,
};

function numberOf(written: string): number | undefined {
  const text = written.trim();
  return NUMBER.test(text) ? Number(text) : SPECIAL[text.toLowerCase()];
}
