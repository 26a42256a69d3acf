// In place of undici's index: what the bundled packages import of it, without the rest that the index would bring along.
export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js';
export { fetch } from 'undici/lib/web/fetch/index.js';
