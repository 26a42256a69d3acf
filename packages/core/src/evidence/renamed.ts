/** The repository, and the names that it had before: addresses such as https://github.com/acme/flights. */
export interface Renamed {
  readonly from: readonly string[];
  readonly to: string;
}

/** An address below a former name of the repository, as it is today; any other one as it is. */
export function today(address: string, renamed: Renamed | undefined): string {
  const former = renamed?.from.find((name) => address === name || address.startsWith(`${name}/`));
  return former === undefined || renamed === undefined
    ? address
    : `${renamed.to}${address.slice(former.length)}`;
}
