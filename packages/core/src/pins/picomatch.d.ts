/** The part of picomatch (which ships no types) that is used here. */
declare module 'picomatch/posix' {
  interface Options {
    /** Globs match names that begin with a dot. */
    readonly dot?: boolean;
    /** A leading `!` is a character like any other. */
    readonly nonegate?: boolean;
  }
  export default function picomatch(glob: string, options?: Options): (text: string) => boolean;
}
