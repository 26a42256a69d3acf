import { UserError } from '../../../action/errors.ts';
import { json } from '../json/protocol.ts';
import type { ProtocolKind } from '../kind.ts';
import { parsePlace, valueAt } from './place.ts';
import type { TemplateConfig } from './schema.ts';

const INPUT = '{input}';

/** JSON of a form that the team writes down. Throws UserError `bad-config` for one that has no place for the input or the prediction. */
export const template: ProtocolKind<TemplateConfig> = (section) => {
  const { request = INPUT, answer = '$' } = section.value.template;
  const name = `${section.name}.template`;
  if (!hasInput(request)) {
    throw new UserError(
      'bad-config',
      `${name}.request has no '${INPUT}', so every request would be the same: ${JSON.stringify(request)}. Write '${INPUT}' where the golden input goes, such as {instances: ['${INPUT}']}.`,
    );
  }
  const place = parsePlace(answer, `${name}.answer`);
  return {
    ...json({ ...section, value: 'json' }),
    request: (input) => filled(request, input),
    prediction: (body) => valueAt(body, place),
  };
};

function hasInput(part: unknown): boolean {
  if (part === INPUT) return true;
  return typeof part === 'object' && part !== null && Object.values(part).some(hasInput);
}

/** The template with the input in its place; a text that only contains the word stays as it is. */
function filled(part: unknown, input: unknown): unknown {
  if (part === INPUT) return input;
  if (Array.isArray(part)) return part.map((item) => filled(item, input));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, filled(value, input)]));
}
