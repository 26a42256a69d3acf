// In place of undici's index: what the bundled packages import of it, without the rest that the index would bring along.
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import connect from 'undici/lib/api/api-connect.js';

// As the index does; of the methods that it adds, the proxy agent needs this one.
Object.assign(Dispatcher.prototype, { connect });

export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js';
export { fetch } from 'undici/lib/web/fetch/index.js';
