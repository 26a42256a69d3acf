/** Where results may be kept, or why nowhere. */
export type CachePlace =
  | { readonly kind: 'service' }
  | { readonly kind: 'folder'; readonly root: string }
  | { readonly kind: 'none'; readonly why: string };
