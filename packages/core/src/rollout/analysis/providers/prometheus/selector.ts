const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const STRING = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\`[^\`]*\``;
const MATCHER = String.raw`\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=~|!~|!=|=)\s*(${STRING})\s*`;
const SELECTOR = new RegExp(String.raw`^\s*${NAME}\s*(?:\{(?:${MATCHER},?)*\})?\s*$`);

/** Whether PromQL is nothing but a selector with the name of a metric. */
export function isSelector(query: string): boolean {
  return SELECTOR.test(query);
}

/** What PromQL names: metrics, and labels with the values that they are compared with. */
export interface Mentioned {
  readonly metrics: readonly string[];
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}

/** Finds the metrics of an expression, which have braces or brackets behind them, and the labels in it. */
export function mentionedIn(expression: string): Mentioned {
  const labels = [...expression.matchAll(new RegExp(MATCHER, 'g'))].map(([, name = '', quoted = '']) => ({
    name,
    value: quoted.slice(1, -1),
  }));
  const bare = expression.replaceAll(new RegExp(STRING, 'g'), '""');
  const metrics = [...bare.matchAll(new RegExp(`(?<![a-zA-Z0-9_:])(${NAME})\\s*[{[]`, 'g'))].map(
    ([, name = '']) => name,
  );
  return { metrics: [...new Set(metrics)], labels };
}
