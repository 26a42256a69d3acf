/**
 * An address as it may be shown or stored: without what lets somebody in, which is what stands before its `@` and behind its
 * `?`. Text that is no address loses the same, so that it can be shown in the message that says so.
 */
export function shownAddress(address: string): string {
  const bare = address.replace(/[?#].*$/s, '');
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(bare)?.[0] ?? '';
  const rest = bare.slice(scheme.length);
  // Where it can be parsed, an `@` of the path is one; else everything up to the last one may be a password.
  const login = URL.canParse(bare) && scheme !== '' ? /^[^/]*@/ : /^.*@/s;
  return scheme + rest.replace(login, '');
}
