import type { Section } from '../../schema/section.ts';

/** The prediction in an answer, or why there is none, a clause. */
export type Found =
  | { readonly kind: 'found'; readonly value: unknown }
  | { readonly kind: 'missing'; readonly message: string };

/** How a model server is spoken to: JSON over HTTP, in the form that the server wants. */
export interface Protocol {
  /** What is asked where the target names no path of its own. */
  readonly paths: {
    readonly ready: string;
    /** undefined: such a server cannot say which version it runs. */
    readonly version: string | undefined;
    readonly predict: string;
  };
  /** The body of a request that asks for the prediction of an input. */
  request(input: unknown): unknown;
  /** The prediction in the body of an answer that succeeded. */
  prediction(body: unknown): Found;
}

/** A protocol: reads its part of `verify.protocol`. Throws UserError `bad-config` for what the schema cannot see. */
export type ProtocolKind<Config> = (section: Section<Config>) => Protocol;
