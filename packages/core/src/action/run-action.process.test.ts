import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleModule } from '@sluice/testing/bundle.ts';

let bundles: string;
let bundle: string;
beforeAll(async () => {
  bundles = await mkdtemp(path.join(os.tmpdir(), 'sluice-run-bundle-'));
  bundle = await bundleModule('packages/testing/toy-action.ts', bundles);
});
afterAll(() => rm(bundles, { recursive: true, force: true }));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-run-'));
  for (const file of ['output', 'summary']) await writeFile(path.join(folder, file), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly log: string;
  readonly summary: string;
  readonly result: Readonly<Record<string, unknown>>;
}

/** Runs an action whose `run` has this body, in a process of its own as the runner does. */
async function runAction(
  body: string,
  env: Readonly<Record<string, string>> = {},
  signal?: NodeJS.Signals,
): Promise<Ran> {
  const source = `
    import { readModelName, runAction, UserError } from '${pathToFileURL(bundle).href}';
    const run = async (context) => { ${body} };
    await runAction({ name: 'toy', inputs: ['own'], outputs: [], reasons: {}, verdicts: { fail: 'was not toyed with', error: 'could not be toyed with' }, load: async () => ({ run }) });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    env: {
      PATH: process.env['PATH'],
      GITHUB_WORKSPACE: folder,
      GITHUB_OUTPUT: path.join(folder, 'output'),
      GITHUB_STEP_SUMMARY: path.join(folder, 'summary'),
      ...env,
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    // Every further line after the first sign of it brings another signal, as an impatient person would, until all is
    // said: a process that is about to exit has no handlers any more.
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
      if (signal !== undefined && /waiting/.test(log) && !/^::error/m.test(log)) child.kill(signal);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const outputs = await readFile(path.join(folder, 'output'), 'utf8');
  const json = /^result<<(\S+)\n([\s\S]*?)\n\1$/m.exec(outputs)?.[2] ?? '{}';
  return {
    code,
    log,
    summary: await readFile(path.join(folder, 'summary'), 'utf8'),
    result: JSON.parse(json) as Record<string, unknown>,
  };
}

const outcome = (decision: string, more = ''): string =>
  `return { decision: '${decision}', reasonCode: 'ok', message: 'Said so.', outputs: {}, result: { seen: 1 }, ${more} };`;

describe('how a step ends', () => {
  test.each([
    ['pass', 0, /^toy: Said so\.$/m],
    ['warn', 0, /^::warning title=toy%3A warning::Said so\. \(ok\)$/m],
    ['fail', 1, /^::error title=toy%3A fail::Said so\. \(ok\)$/m],
    ['error', 1, /^::error title=toy%3A error::Said so\. \(ok\)$/m],
  ])('%s', async (decision, code, line) => {
    const ran = await runAction(outcome(decision));
    expect(ran.code).toBe(code);
    expect(ran.log).toMatch(line);
    expect(ran.result).toEqual({
      'schema-version': 1,
      action: 'toy',
      decision,
      'reason-code': 'ok',
      message: 'Said so.',
      seen: 1,
    });
  });

  test('a user error has no stack; its cause is told, without commands of its own', async () => {
    const ran = await runAction(
      `throw new UserError('bad-input', 'Wrong: <b>\`x\`</b>.', { cause: new Error('::error::forged') });`,
    );
    expect(ran.code).toBe(1);
    expect(ran.result).toMatchObject({ decision: 'error', 'reason-code': 'bad-input' });
    expect(ran.log).not.toMatch(/^\s+at /m);
    expect(ran.log).toContain('Cause: ::error::forged');
    expect(ran.log.match(/^::error/gm)).toHaveLength(1);
    expect(ran.summary).toContain('### The model could not be toyed with\n\n**Wrong');
    expect(ran.summary).not.toContain('<b>');
  });

  test('what an error ended names the model as soon as it is known', async () => {
    const ran = await runAction(
      `readModelName('m'); throw new UserError('no-permission', 'Refused. Add:\\npermissions:\\n  contents: write');`,
    );
    expect(ran.summary).toBe(
      '### `m` could not be toyed with\n\n**Refused. Add:**\n\n```text\npermissions:\n  contents: write\n```\n\nReason code: `no-permission` ([ways out](https://github.com/sluice-ml/sluice/blob/v1/docs/troubleshooting.md#no-permission)).\n\n',
    );
  });

  test.each([
    ['thrown', `throw new UserError('no-rules', 'Said elsewhere.');`],
    ['returned', outcome('fail').replace("'ok'", "'no-rules'")],
  ])('a reason of another action that is %s is a bug, and the log has it', async (_how, body) => {
    const ran = await runAction(body);
    expect(ran.code).toBe(1);
    expect(ran.result).toMatchObject({ decision: 'error', 'reason-code': 'internal' });
    expect(ran.result['message']).toMatch(/^Internal error in toy: Said .* This is a bug in Sluice/);
    expect(ran.log).toMatch(/^The reason 'no-rules' is none of toy's: Said /m);
  });

  test('a bug has a stack and an address', async () => {
    const ran = await runAction(`undefined.nothing();`);
    expect(ran.code).toBe(1);
    expect(ran.result).toMatchObject({ decision: 'error', 'reason-code': 'internal' });
    expect(ran.result['message']).toMatch(
      /This is a bug in Sluice.*https:\/\/github\.com\/sluice-ml\/sluice\/issues/,
    );
    expect(ran.log).toMatch(/^\s+at \S/m);
  });

  test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
    '%s aborts the run, which can clean up',
    async (signal) => {
      const ran = await runAction(
        `setInterval(() => {}, 1000).unref();
       await new Promise((resolve) => {
         const alive = setTimeout(resolve, 20000);
         context.signal.addEventListener('abort', () => { clearTimeout(alive); resolve(); });
         console.log('waiting');
       });
       console.log('cleaned up');
       throw new Error('the socket closed');`,
        {},
        signal,
      );
      expect(ran.code).toBe(1);
      expect(ran.log).toContain('cleaned up');
      expect(ran.log).toContain('Cause: the socket closed');
      expect(ran.result).toMatchObject({
        'reason-code': 'cancelled',
        message: expect.stringContaining(signal),
      });
    },
  );
});

describe('what a run is given', () => {
  test('inputs that are set, the token masked, the folders resolved', async () => {
    const ran = await runAction(
      `console.log(JSON.stringify({ inputs: context.inputs, same: context.directory === context.workspace })); ${outcome('pass')}`,
      { INPUT_OWN: ' value ', INPUT_MODEL: '', 'INPUT_GITHUB-TOKEN': 'sesame' },
    );
    expect(ran.log).toContain('{"inputs":{"github-token":"sesame","own":"value"},"same":true}');
    expect(ran.log.indexOf('::add-mask::sesame')).toBeLessThan(ran.log.indexOf('"github-token"'));
    expect(ran.log).toContain('::add-mask::sesame');
  });

  test('a working directory outside of the checkout is refused', async () => {
    const ran = await runAction(outcome('pass'), { 'INPUT_WORKING-DIRECTORY': '..' });
    expect(ran.result).toMatchObject({ 'reason-code': 'bad-input' });
  });
});
