/** The user's own settings of the npm client and the network, without which a step can fetch nothing. */
const PASSED_ON =
  /^(https?_proxy|no_proxy|npm_config_\w+|node_extra_ca_certs|ssl_cert_file|lang|lc_\w+|tz|tmpdir)$/i;

/** What of this process's environment a runner hands on to its steps; everything else is named explicitly. */
export function passedOn(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && PASSED_ON.test(entry[0]),
    ),
  );
}
