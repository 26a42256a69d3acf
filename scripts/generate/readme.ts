import { COMMON_REASONS } from '@sluice/core/action/reasons.ts';
import type { Definition, Metadata } from './actions.ts';
import { code, formatted, markdownTable } from './markdown.ts';

/** Returns the README with its generated tables renewed, formatted as the rest of the project. */
export async function renewReadme(
  file: string,
  text: string,
  metadata: Metadata,
  definition: Definition,
): Promise<string> {
  const renewed = [
    { name: 'inputs', table: inputsTable(metadata) },
    { name: 'outputs', table: outputsTable(metadata) },
    { name: 'reasons', table: reasonsTable(definition) },
  ].reduce((result, { name, table }) => replaceBetween(file, result, name, table), text);
  return formatted(file, renewed);
}

function replaceBetween(file: string, text: string, name: string, table: string): string {
  const [start, end] = [`<!-- ${name}-start -->`, `<!-- ${name}-end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`${file} needs the lines ${start} and ${end}, in this order.`);
  return `${text.slice(0, from + start.length)}\n\n${table}\n\n${text.slice(to)}`;
}

function inputsTable({ inputs }: Metadata): string {
  return markdownTable(
    ['input', 'what it is', 'default'],
    Object.entries(inputs).map(([name, input]) => [
      code(name),
      input.description,
      input.required
        ? '**required**'
        : input.default === undefined || input.default === ''
          ? ''
          : code(input.default),
    ]),
  );
}

function outputsTable({ outputs }: Metadata): string {
  return markdownTable(
    ['output', 'what it is'],
    Object.entries(outputs).map(([name, output]) => [code(name), output.description]),
  );
}

function reasonsTable({ reasons }: Definition): string {
  return markdownTable(
    ['reason code', 'what happened', 'what to do'],
    Object.entries({ ...reasons, ...COMMON_REASONS }).map(([reason, { happened, remedy }]) => [
      code(reason),
      happened,
      remedy,
    ]),
  );
}
