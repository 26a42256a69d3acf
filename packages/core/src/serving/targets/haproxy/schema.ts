import * as z from 'zod/mini';
import { described, text } from '../../../schema/blocks.ts';
import { serverSchema } from '../../server-schema.ts';

/** What HAProxy itself allows; so no name is ever two words of a command, or two commands. */
const name = z
  .string()
  .check(
    z.regex(/^[A-Za-z0-9_.:-]+$/, "expected a name of haproxy.cfg: letters, digits, '-', '_', '.', ':'"),
  );

const forBoth = <T extends z.ZodMiniType>(type: T, what: string) =>
  z.strictObject({
    stable: described(type, `${what} that has all traffic in haproxy.cfg.`),
    canary: described(type, `${what} that has the weight 0 in haproxy.cfg.`),
  });

export const haproxySchema = z.strictObject({
  type: described(
    z.literal('haproxy'),
    'haproxy: the weights of two servers behind HAProxy (docs/targets.md).',
  ),
  socket: described(
    text,
    'The runtime API of HAProxy at `level admin`: a socket such as /run/haproxy.sock, or an address such as 127.0.0.1:9999.',
  ),
  backend: described(name, 'The backend of haproxy.cfg with the two servers.'),
  servers: described(
    forBoth(name, 'The server'),
    'Two servers of the backend. Each serves one version, and they take turns.',
  ),
  path: described(
    text,
    'The folder that holds `releases`, and `slots/<server>/current`, a link to the release of that server.',
  ),
  start: described(
    text,
    'Command that makes the model server {slot} serve {model-path}, which is {version}. It runs without a shell.',
  ),
  'state-file': described(
    text,
    'The file that `server-state-file-name` of the backend names: the weights, which a reload of HAProxy would change otherwise.',
  ),
  ...serverSchema.shape,
  url: described(text, "Base URL of HAProxy's frontend, which people ask."),
  endpoints: z.optional(
    described(
      forBoth(text, 'Base URL of the server'),
      'Where each server answers by itself, if that is not where HAProxy reaches it.',
    ),
  ),
  route: z.optional(
    described(
      z.strictObject({
        header: described(text, 'The header that haproxy.cfg looks up in the map.'),
        map: described(text, 'The file of the map, as haproxy.cfg names it.'),
      }),
      'How requests with a header get to one of the servers; the strategy `ab` needs it.',
    ),
  ),
  keep: z.optional(
    described(z.int().check(z.positive()), 'How many releases stay on disk for a quick rollback. Default 5.'),
  ),
});

export type HaproxyConfig = z.infer<typeof haproxySchema>;
