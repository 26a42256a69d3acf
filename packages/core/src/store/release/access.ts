/** How a step reaches the releases of a repository. */
export interface ReleaseAccess {
  /** Address of the REST interface, such as `https://api.github.com`. */
  readonly apiUrl: string;
  /** `owner/name` of the repository that the step runs for; undefined where nothing says it. */
  readonly repository: string | undefined;
  readonly token: string | undefined;
  /** Reads an answer with a status of 400 or more. */
  readonly readRefusal: (answer: RefusedAnswer) => Refusal;
}

/** An answer that is a no. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** Why GitHub did not do what was asked. */
export interface Refusal {
  /** In GitHub's words; empty where it says nothing. */
  readonly said: string;
  /** After which time in ms the same request may succeed; undefined where it never will. */
  readonly waitMs: number | undefined;
}
