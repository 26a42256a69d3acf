import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { ROOT } from './action.ts';
import { endServers } from './target-servers.ts';

/** The front door of workflows-examples/targets, with a model server for each version behind it. */
export interface FrontDoor {
  readonly url: string;
  /** `run` of the command target that sets its traffic. */
  readonly run: string;
  readonly capabilities: readonly ['split', 'header-route', 'probe'];
  stop(): Promise<void>;
}

const TEST_SERVER = `'${process.execPath}' '${path.join(ROOT, 'packages/testing/model-server.mjs')}' {root} {port}`;

/** Starts it for the folder of a command target; `serve` starts the server of one version, by default that of test models. */
export async function startFrontDoor(root: string, serve = TEST_SERVER): Promise<FrontDoor> {
  const program = path.join(ROOT, 'workflows-examples/targets/front.py');
  const front = spawn('python3', [program, 'serve', '--root', root, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(front.stdout, 'data')) as [Buffer];
  return {
    url: line.toString('utf8').trim(),
    run: `python3 ${program} --serve "${serve}"`,
    capabilities: ['split', 'header-route', 'probe'],
    async stop() {
      const closed = once(front, 'close');
      front.kill('SIGKILL');
      await Promise.all([closed, endServers(root)]);
    },
  };
}
