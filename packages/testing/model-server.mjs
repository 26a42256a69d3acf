/*
 * A model server for tests, run as its own process: `node model-server.mjs <root> [port]` prints its URL.
 * It follows `<root>/current` on SIGHUP and keeps the old model when the new one cannot be loaded; without the link it
 * serves nothing. The model is `model/model.json`: {"bias": 1, "faults": {...}}; a prediction is x + bias.
 * Faults of a model: ready: false, version: "v9.0.0" (names that one), flaps: "v9.0.0" (names that one every other time),
 * status: 500, delay: ms per prediction, late: 6 (loads so slowly that the next reload is dropped, and takes over when it was asked
 * for its version so often after that).
 */
import { createServer } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [, , root, port = '0'] = process.argv;
let loaded;
let asked = 0;
/** A model that is loaded late, and how many questions are left until it takes over. */
let late;

function load() {
  if (late) {
    late.left ??= late.model.faults.late;
    return;
  }
  let release;
  try {
    release = JSON.parse(readFileSync(path.join(root, 'current', 'release.json'), 'utf8'));
  } catch {
    loaded = undefined;
    return;
  }
  try {
    const model = JSON.parse(readFileSync(path.join(root, 'current', 'model', 'model.json'), 'utf8'));
    const next = { version: release.version, digest: release['model-digest'], faults: {}, ...model };
    if (next.faults.late) late = { model: next };
    else loaded = next;
  } catch (error) {
    console.error(`keeping the old model: ${error.message}`);
  }
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function predict(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { faults, bias } = loaded;
  if (faults.delay) await sleep(faults.delay);
  if (faults.status) return answer(response, faults.status, { error: 'broken model' });
  const { x } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof x !== 'number') return answer(response, 400, { error: 'x must be a number' });
  return answer(response, 200, { prediction: x + bias, version: loaded.version });
}

const server = createServer((request, response) => {
  if (request.url === '/version') {
    if (late?.left !== undefined && late.left-- <= 0) {
      loaded = late.model;
      late = undefined;
    }
    const other = loaded?.faults.version ?? (++asked % 2 ? loaded?.faults.flaps : undefined);
    const version = other ?? loaded?.version ?? null;
    return answer(response, 200, { version, 'model-digest': loaded?.digest ?? null });
  }
  if (!loaded) return answer(response, 503, { error: 'no model' });
  if (request.url === '/ready') return answer(response, loaded.faults.ready === false ? 503 : 200, {});
  if (request.url === '/predict' && request.method === 'POST') return predict(request, response);
  return answer(response, 404, {});
});

load();
process.on('SIGHUP', load);
server.listen(Number(port), '127.0.0.1', () => {
  writeFileSync(path.join(root, 'server.pid'), String(process.pid));
  console.log(`http://127.0.0.1:${server.address().port}`);
});
