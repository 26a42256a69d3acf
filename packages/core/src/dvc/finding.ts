/** What a comparison found, if it found anything. */
export type Finding = { readonly change: string } | { readonly unknown: string } | undefined;
