/** Text that grows, with what ruamel.yaml's emitter remembers of the place it has reached. */
export class Page {
  readonly #parts: string[] = [];
  /** Characters since the last line break. */
  column = 0;
  /** Whether the last character is white. */
  #whitespace = true;
  /** Whether only indentation and indicators stand on this line so far. */
  #indention = true;

  get text(): string {
    return this.#parts.join('');
  }

  write(text: string): void {
    this.#parts.push(text);
    this.column += [...text].length;
  }

  /** A space, unless there is one; what follows is content. */
  space(): void {
    if (!this.#whitespace) this.write(' ');
    this.continueLine();
  }

  continueLine(): void {
    this.#whitespace = false;
    this.#indention = false;
  }

  /** A sign of YAML's; `opens` says that what follows a `-` or `?` stays on this line. */
  indicator(sign: string, needsSpace: boolean, opens = false): void {
    this.write(this.#whitespace || !needsSpace ? sign : ` ${sign}`);
    this.#whitespace = false;
    this.#indention = this.#indention && opens;
  }

  lineBreak(sign = '\n'): void {
    this.#parts.push(sign);
    this.#whitespace = true;
    this.#indention = true;
    this.column = 0;
  }

  /** Goes to a column: on this line where only indentation stands before it, else on the next. */
  indentTo(indent: number): void {
    if (!this.#indention || this.column > indent || (this.column === indent && !this.#whitespace)) {
      this.lineBreak();
    }
    if (this.column >= indent) return;
    this.#whitespace = true;
    this.write(' '.repeat(indent - this.column));
  }
}
