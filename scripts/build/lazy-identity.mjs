/** Marks the import that the stand-in itself makes. */
const REAL = 'the real module';

/** @actions/core brings an HTTP client for identity tokens; loading it at start would double the start time of every step. */
export const lazyIdentity = {
  name: 'lazy-identity',
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\/oidc-utils\.js$/ }, (args) =>
      args.importer.includes('@actions/core') && args.pluginData !== REAL
        ? { path: 'identity', namespace: 'lazy-identity', pluginData: { folder: args.resolveDir } }
        : undefined,
    );
    bundle.onLoad({ filter: /.*/, namespace: 'lazy-identity' }, (args) => ({
      contents: `export const OidcClient = {
        getIDToken: async (audience) => (await import('./oidc-utils.js')).OidcClient.getIDToken(audience),
      };`,
      resolveDir: args.pluginData.folder,
      pluginData: REAL,
    }));
  },
};
