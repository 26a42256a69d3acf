/** A section of settings with what messages call it and the folder its paths are relative to. */
export interface Section<T> {
  readonly value: T;
  /** Such as `environments.production.target`, or `input 'target'`. */
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
}
