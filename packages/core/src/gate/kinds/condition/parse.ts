import { UserError } from '../../../action/errors.ts';
import { VARIABLES, type Clause, type Condition, type Factors, type Variable } from './language.ts';

/*
 *   condition = clause { "/\" clause }
 *   clause    = sum ( ">" | "<" ) [ "-" ] number "+/-" number
 *   sum       = [ "-" ] term { ( "+" | "-" ) term }
 *   term      = variable [ "*" number ] | number "*" variable
 *   variable  = "n" | "o" | "d"
 */

const TOKEN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?<sign>\+\/-|\/\\|[-+*<>])|(?<name>\w+)|(?<other>\S))/gi;

interface Token {
  readonly kind: 'number' | 'sign' | 'name' | 'other' | 'end';
  readonly text: string;
  /** Index of its first character. */
  readonly at: number;
}

/**
 * Parses a condition such as `n - o > 0.02 +/- 0.01 /\ d < 0.1 +/- 0.05`. Throws `bad-config` that begins with `where` and
 * names the position, what stands there, and what may stand there.
 */
export function parseCondition(text: string, where: string): Condition {
  return new Parser(text, where).condition();
}

class Parser {
  readonly #text: string;
  readonly #where: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
    this.#tokens = tokens(text);
  }

  condition(): Condition {
    const clauses = [this.#clause()];
    while (this.#take('/\\')) clauses.push(this.#clause());
    if (this.#token.kind !== 'end') throw this.#unexpected("'/\\' and another clause, or the end");
    return clauses;
  }

  #clause(): Clause {
    const start = this.#token.at;
    const factors = this.#sum();
    const comparison = this.#take('>') ?? this.#take('<');
    if (comparison === undefined) throw this.#unexpected("'+', '-', '>' or '<'");
    const isNegative = this.#take('-') !== undefined;
    const threshold = this.#number('a number to compare with');
    if (this.#take('+/-') === undefined) throw this.#unexpected("'+/-' and a tolerance");
    const toleranceAt = this.#token.at;
    const tolerance = this.#number('a tolerance above 0');
    if (tolerance === 0) throw this.#error(toleranceAt, 'the tolerance is 0; it must be above 0');
    if (VARIABLES.every((variable) => factors[variable] === 0)) {
      throw this.#error(start, 'the left side is always 0; it must say something of n, o or d');
    }
    return { factors, comparison, threshold: isNegative ? 0 - threshold : threshold, tolerance };
  }

  #sum(): Factors {
    const factors: Record<Variable, number> = { n: 0, o: 0, d: 0 };
    let sign = this.#take('-') === undefined ? 1 : -1;
    for (;;) {
      const [variable, factor] = this.#term();
      factors[variable] += sign * factor;
      if (this.#take('+') !== undefined) sign = 1;
      else if (this.#take('-') !== undefined) sign = -1;
      else return factors;
    }
  }

  #term(): readonly [Variable, number] {
    if (this.#token.kind !== 'number') {
      const variable = this.#variable("n, o, d, or a number and '*'");
      return [variable, this.#take('*') === undefined ? 1 : this.#number('a number')];
    }
    const factor = this.#number('a number');
    if (this.#take('*') === undefined) {
      throw this.#unexpected("'*' and n, o or d; a number alone belongs to the right of '>' or '<'");
    }
    return [this.#variable('n, o or d'), factor];
  }

  #variable(expected: string): Variable {
    const found = VARIABLES.find((variable) => variable === this.#token.text);
    if (found === undefined) throw this.#unexpected(expected);
    this.#next++;
    return found;
  }

  #number(expected: string): number {
    const { kind, text } = this.#token;
    if (kind !== 'number' || !Number.isFinite(Number(text))) throw this.#unexpected(expected);
    this.#next++;
    return Number(text);
  }

  /** Moves on if this sign is next. */
  #take<Sign extends string>(sign: Sign): Sign | undefined {
    if (this.#token.kind !== 'sign' || this.#token.text !== sign) return undefined;
    this.#next++;
    return sign;
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #unexpected(expected: string): UserError {
    const { kind, text, at } = this.#token;
    return this.#error(
      at,
      `${kind === 'end' ? 'it ends' : `there is '${text}'`}, and expected is ${expected}`,
    );
  }

  #error(at: number, problem: string): UserError {
    return new UserError(
      'bad-config',
      `${this.#where}: the condition '${this.#text}' is not understood at position ${at + 1}: ${problem}. A condition is written like 'n - o > 0.02 +/- 0.01' or 'd < 0.1 +/- 0.05 /\\ n - o > 0.02 +/- 0.01'.`,
    );
  }
}

/** The last token is the end. */
function tokens(text: string): Token[] {
  const found = [...text.matchAll(TOKEN)].map(({ groups = {}, 0: all, index }): Token => {
    const [kind, own] = Object.entries(groups).find(([, value]) => value !== undefined) as [
      Token['kind'],
      string,
    ];
    return { kind, text: own, at: index + all.length - own.length };
  });
  return [...found, { kind: 'end', text: '', at: text.length }];
}
