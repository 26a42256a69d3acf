/** What cannot be taken for a model; the message says why and what to do, `file` what is at fault. */
export class UnusableModelError extends Error {
  readonly file: string;
  constructor(file: string, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'UnusableModelError';
    this.file = file;
  }
}
