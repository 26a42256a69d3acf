import { parseName } from './names.ts';

let known: string | undefined;

/** Returns the model's name, as `parseName` does, and remembers it: an error that ends the step can say what it is about. */
export function readModelName(given: string | undefined): string {
  known = parseName('model', given);
  return known;
}

/** The model that the step is about, as far as it got. */
export function modelInQuestion(): string | undefined {
  return known;
}
