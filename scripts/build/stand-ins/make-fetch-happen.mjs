// In place of make-fetch-happen, the HTTP client of Sigstore's libraries: fetch with their options `timeout` and `retry`,
// through the proxy that the runner's variables name.
import { HttpClient } from '@actions/http-client';
import promiseRetry from 'promise-retry';
import { fetch } from 'undici';

/** Where the caller sets no limit: the request for an identity token. */
const LONGEST_MS = 30_000;
const BUSY = [408, 420, 429];

export default function makeFetchHappen(url, { timeout, retry, ...request } = {}) {
  const once = async () => withBuffer(await send(url, request, timeout ?? LONGEST_MS));
  return promiseRetry(async (again) => {
    const response = await once().catch(again);
    return response.status >= 500 || BUSY.includes(response.status) ? again(refused(response)) : response;
  }, retries(retry)).catch((error) => {
    if (error.response !== undefined) return error.response;
    throw error;
  });
}

function send(url, request, timeout) {
  const dispatcher = new HttpClient().getAgentDispatcher(String(url));
  return fetch(url, { ...request, signal: AbortSignal.timeout(timeout), ...(dispatcher && { dispatcher }) });
}

/** When the last attempt is answered so, the caller judges the answer. */
function refused(response) {
  return Object.assign(new Error(`answered ${response.status}`), { response });
}

/** As make-fetch-happen reads the option: false, a number, or what promise-retry takes. */
function retries(given) {
  if (given === false || given === undefined) return { retries: 0 };
  return typeof given === 'number' ? { retries: given } : { ...given };
}

/** The method that node-fetch's answers have beside those of the standard. */
function withBuffer(response) {
  response.buffer = async () => Buffer.from(await response.arrayBuffer());
  return response;
}
