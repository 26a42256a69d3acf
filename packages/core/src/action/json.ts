/** The value of a JSON text, undefined when it is none: for texts of others, which a schema checks next. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
