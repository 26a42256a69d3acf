import { errorMessage } from '../../action/errors.ts';

/** What an error of Sigstore's libraries says, with its causes, which say what a code alone does not. */
export function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const said = errorMessage(error);
  if (cause === undefined || said.includes(errorMessage(cause))) return said;
  return `${said}: ${reasonOf(cause)}`;
}
