/** What an operation answers, before the headers that all answers carry. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** One of the reasons that GitHub lists in a 422. */
export interface FieldError {
  readonly resource: string;
  readonly code: string;
  readonly field: string;
  readonly message?: string;
}

interface Details {
  readonly errors?: readonly FieldError[];
  /** Where it is explained; without it, the server gives the operation's own page. */
  readonly documentation?: string;
}

/** A refusal in GitHub's words. */
export function refusal(status: number, message: string, { errors, documentation }: Details = {}): Answer {
  return {
    status,
    body: {
      message,
      ...(errors && { errors }),
      ...(documentation !== undefined && { documentation_url: documentation }),
      status: String(status),
    },
  };
}

export const notFound = (): Answer => refusal(404, 'Not Found');

/** A refusal of what was sent, with the field at fault. */
export const invalid = (error: FieldError): Answer => refusal(422, 'Validation Failed', { errors: [error] });
