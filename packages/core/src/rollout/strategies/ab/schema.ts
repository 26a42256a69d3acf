import * as z from 'zod/mini';
import { described, duration, text } from '../../../schema/blocks.ts';
import { watchingSchema } from '../watching-schema.ts';

const watched = {
  bake: described(duration, 'How long both are compared.'),
  ...watchingSchema.shape,
};

export const abSchema = z.strictObject({
  ab: described(
    z.union([
      z.strictObject({
        header: described(
          text,
          'The header that says which requests go to the candidate, such as x-variant.',
        ),
        value: described(text, 'The value of that header with which they go there.'),
        ...watched,
      }),
      z.strictObject({
        key: described(text, 'The header that names the entity, such as x-user-id: its value decides.'),
        weight: described(
          z.number().check(z.positive(), z.lt(100)),
          'The part of the entities that gets the candidate, in percent.',
        ),
        ...watched,
      }),
    ]),
    'ab: a group of requests or entities gets the candidate, and both are compared.',
  ),
});
