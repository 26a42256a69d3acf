import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  TAIL_BYTES,
  askProgram,
  commandEnvironment,
  commandFailure,
  runCommand,
  type CommandEnd,
  type ProgramEnd,
} from './command.ts';
import { CancelledError } from './errors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-command-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

class Collected extends Writable {
  text = '';
  bytes = 0;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes += chunk.length;
    if (this.text.length < 1_000_000) this.text += chunk.toString('utf8');
    done();
  }
}

interface Options {
  timeoutMs?: number;
  signal?: AbortSignal;
  raw?: Writable;
  left?: 'end' | 'keep';
  env?: NodeJS.ProcessEnv;
  warnings?: string[];
}

function run(argv: string[], options: Options = {}): Promise<CommandEnd> {
  return runCommand({
    argv,
    cwd: folder,
    env: { ...process.env, ...options.env },
    log: {
      raw: options.raw ?? new Collected(),
      warning: (text) => options.warnings?.push(text),
    },
    signal: options.signal ?? new AbortController().signal,
    timeoutMs: options.timeoutMs ?? 60_000,
    place: 'train.run',
    left: options.left ?? 'end',
  });
}

const script = (source: string): string[] => [process.execPath, '-e', source];

async function isAlive(pidFile: string): Promise<boolean> {
  const pid = Number(await readFile(path.join(folder, pidFile), 'utf8'));
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return state !== '' && !/ Z /.test(state);
}

/** Until a process is gone; the time that a test may take is the bound. */
async function untilGone(pidFile: string): Promise<void> {
  while (await isAlive(pidFile)) await sleep(20);
}

async function untilWritten(file: string): Promise<void> {
  while ((await readFile(path.join(folder, file), 'utf8').catch(() => '')) === '') await sleep(20);
}

describe('how a command ends', () => {
  test('exit code, tail and run time', async () => {
    const end = await run(script(`console.log('one'); console.error('two'); process.exit(3)`));
    expect(end).toMatchObject({ ended: 'exit', code: 3 });
    expect(end.tail.split('\n').sort()).toEqual(['', 'one', 'two']);
    expect(end.seconds).toBeGreaterThan(0);
    expect(commandFailure(end, 'train.run')).toMatch(
      /^The command of train\.run ended with exit code 3 after [\d.]+ s; its last line: (one|two)\.$/,
    );
  });

  test('success is no failure', async () => {
    expect(commandFailure(await run(script('')), 'train.run')).toBeUndefined();
  });

  test('a signal from elsewhere', async () => {
    const end = await run(script(`process.kill(process.pid, 'SIGKILL')`));
    expect(end).toMatchObject({ ended: 'signal', name: 'SIGKILL' });
    expect(commandFailure(end, 'train.run')).toContain('was killed by SIGKILL');
    expect(commandFailure(end, 'train.run')).toContain('without output');
  });

  test('arguments arrive as they are, without a shell', async () => {
    const hostile = ['$(touch pwned)', '; ls', 'a b', '*', '"', ''];
    const end = await run([
      ...script('console.log(JSON.stringify(process.argv.slice(1)))'),
      '--',
      ...hostile,
    ]);
    expect(JSON.parse(end.tail)).toEqual(hostile);
  });
});

describe('what a command leaves behind', () => {
  /** Starts a process that runs on, and ends once that is ready; `ignore` has it ignore SIGTERM. */
  const leaves = (detached: boolean, ignore = ''): string[] => {
    const runsOn = `${ignore} require('fs').writeFileSync('pid', String(process.pid)); setTimeout(() => {}, 60000)`;
    return script(
      `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(runsOn)}], { stdio: 'inherit', detached: ${String(detached)} });
       setInterval(() => { if (require('fs').existsSync('pid')) process.exit(0) }, 20)`,
    );
  };

  test.each([
    ['in its process group', false, ''],
    ['in a session of its own', true, ''],
    ['that ignores SIGTERM', true, `process.on('SIGTERM', () => {});`],
  ])(
    'a process %s ends before the step goes on',
    async (_name, detached, ignore) => {
      expect(await run(leaves(detached, ignore))).toMatchObject({ ended: 'exit', code: 0 });
      expect(await isAlive('pid')).toBe(false);
    },
    30_000,
  );

  test('a server that a reload started lives on, and does not hold the step', async () => {
    expect(await run(leaves(true), { left: 'keep' })).toMatchObject({ ended: 'exit', code: 0 });
    const pid = Number(await readFile(path.join(folder, 'pid'), 'utf8'));
    expect(process.kill(pid, 0)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });
});

describe('the files by which a step speaks to the runner', () => {
  const NAMES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'];
  const ofStep = (): Record<string, string> =>
    Object.fromEntries(NAMES.map((name) => [name, path.join(folder, `step-${name}`)]));

  test('a command has its own, in a folder that goes away', async () => {
    const end = await run(
      script(
        `const fs = require('fs'); for (const n of ${JSON.stringify(NAMES)}) fs.appendFileSync(process.env[n], 'x=1');
         console.log(process.env.GITHUB_ENV)`,
      ),
      { env: ofStep() },
    );
    expect(end).toMatchObject({ code: 0 });
    await expect(readFile(end.tail.trim())).rejects.toThrow('ENOENT');
    for (const file of Object.values(ofStep())) await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  test("a command that finds the step's changes nothing there, and that is said", async () => {
    const env = ofStep();
    await writeFile(env['GITHUB_OUTPUT'] ?? '', 'earlier=1');
    await writeFile(env['GITHUB_ENV'] ?? '', '');
    await writeFile(env['GITHUB_STEP_SUMMARY'] ?? '', '');
    const warnings: string[] = [];
    await run(
      script(
        `const fs = require('fs'); const f = (n) => 'step-GITHUB_' + n;
         fs.writeFileSync(f('OUTPUT'), 'earlier=2'); fs.appendFileSync(f('ENV'), 'LD_PRELOAD=x');
         fs.rmSync(f('STEP_SUMMARY')); fs.symlinkSync('elsewhere', f('STEP_SUMMARY')); fs.writeFileSync(f('PATH'), 'bin')`,
      ),
      { env, warnings },
    );
    expect(await readFile(env['GITHUB_OUTPUT'] ?? '', 'utf8')).toBe('earlier=1');
    expect(await readFile(env['GITHUB_ENV'] ?? '', 'utf8')).toBe('');
    expect((await lstat(env['GITHUB_STEP_SUMMARY'] ?? '')).isFile()).toBe(true);
    await expect(readFile(env['GITHUB_PATH'] ?? '')).rejects.toThrow('ENOENT');
    expect(warnings).toEqual([
      expect.stringContaining('GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH, GITHUB_STEP_SUMMARY of this step'),
    ]);
  });
});

describe('commands that cannot start', () => {
  test('a program that is not on PATH', async () => {
    await expect(run(['no-such-program'])).rejects.toMatchObject({
      reasonCode: 'missing-file',
      message: expect.stringContaining("'no-such-program' of train.run was not found on PATH"),
    });
  });

  test('a path that does not exist', async () => {
    await expect(run(['./train.sh'])).rejects.toMatchObject({
      reasonCode: 'missing-file',
      message: expect.stringContaining('relative to the working directory'),
    });
  });

  test('a file without the executable bit', async () => {
    await writeFile(path.join(folder, 'train.sh'), '#!/bin/sh\n');
    await chmod(path.join(folder, 'train.sh'), 0o644);
    await expect(run(['./train.sh'])).rejects.toMatchObject({
      reasonCode: 'no-permission',
      message: expect.stringContaining('chmod +x ./train.sh'),
    });
  });

  test('a step that was cancelled before', async () => {
    await expect(
      run(script(`require('fs').writeFileSync('ran', '')`), {
        signal: AbortSignal.abort(new CancelledError('SIGTERM')),
      }),
    ).rejects.toMatchObject({ reasonCode: 'cancelled' });
    await expect(readFile(path.join(folder, 'ran'))).rejects.toThrow('ENOENT');
  });
});

describe('stopping', () => {
  /** Starts a grandchild in the same group; both write their pid; `stubborn` ones ignore SIGTERM. */
  const family = (stubborn: boolean): string[] => {
    const ignore = stubborn ? `process.on('SIGTERM', () => {});` : '';
    const grandchild = `${ignore} require('fs').writeFileSync('grandchild', String(process.pid)); setInterval(() => {}, 1000)`;
    return script(
      `${ignore} require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' });
       require('fs').writeFileSync('child', String(process.pid)); setInterval(() => {}, 1000)`,
    );
  };

  test.each([
    ['a polite family', false],
    ['one that ignores SIGTERM', true],
  ])('on cancellation the whole group is gone: %s', async (_name, stubborn) => {
    const cancellation = new AbortController();
    const running = run(family(stubborn), { signal: cancellation.signal });
    running.catch(() => undefined);
    await Promise.all([untilWritten('child'), untilWritten('grandchild')]);
    cancellation.abort(new CancelledError('SIGTERM'));
    await expect(running).rejects.toMatchObject({ reasonCode: 'cancelled' });
    await untilGone('child');
    await untilGone('grandchild');
  });

  test('a timeout names the setting and the limit', async () => {
    await expect(run(script('setInterval(() => {}, 1000)'), { timeoutMs: 300 })).rejects.toMatchObject({
      reasonCode: 'timeout',
      message: expect.stringContaining('train.run ran longer than 0.3 s'),
    });
  });

  test('a limit of years does not end at once', async () => {
    expect(await run(script(''), { timeoutMs: 1e13 })).toMatchObject({ ended: 'exit', code: 0 });
  });
});

describe('the log', () => {
  test.each([
    ['with newline', `console.log('::error::forged'); console.log('##[error]forged')`, ''],
    ['without newline', `process.stdout.write('::error::forged')`, '\n'],
    ['nothing', ``, ''],
    [
      'killed in the middle of a line',
      `process.stdout.write('half', () => process.kill(process.pid, 'SIGKILL'))`,
      '\n',
    ],
  ])(
    'output stands between the stop token and its end, at line starts: %s',
    async (_name, source, filler) => {
      const raw = new Collected();
      await run(script(source), { raw });
      const framed = /^::stop-commands::([0-9a-f]{48})\n([\s\S]*)::\1::\n$/.exec(raw.text);
      expect(framed).not.toBeNull();
      const body = framed?.[2] ?? '';
      expect(body === '' || body.endsWith('\n')).toBe(true);
      expect(body.endsWith('\n') && filler === '\n').toBe(filler === '\n');
    },
  );

  test('every command gets a token of its own', async () => {
    const raws = [new Collected(), new Collected()];
    for (const raw of raws) await run(script(''), { raw });
    expect(raws[0]?.text).not.toBe(raws[1]?.text);
  });

  test('a command that cannot start leaves the log as it was', async () => {
    const raw = new Collected();
    await expect(run(['no-such-program'], { raw })).rejects.toThrow();
    expect(raw.text).toMatch(/^::stop-commands::(\w+)\n::\1::\n$/);
  });

  test('100 MB of output through a slow log: all of it arrives, memory stays flat, the tail is bounded', async () => {
    const size = 100 * 1024 * 1024;
    let peak = 0;
    let bytes = 0;
    const before = process.memoryUsage().rss;
    const raw = new Writable({
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        peak = Math.max(peak, process.memoryUsage().rss);
        setImmediate(done);
      },
    });
    const end = await run(
      script(
        `const b = Buffer.alloc(1 << 20, 'x'); let n = 100;
         (function next() { if (n-- > 0) process.stdout.write(b, next) })()`,
      ),
      { raw },
    );
    expect(bytes).toBeGreaterThan(size);
    expect(peak - before).toBeLessThan(60 * 1024 * 1024);
    expect(Buffer.byteLength(end.tail)).toBe(TAIL_BYTES);
  }, 60_000);
});

describe('the environment of a command', () => {
  test('has what the workflow set and nothing that acts as this step', () => {
    const env = {
      PATH: '/usr/bin',
      GITHUB_TOKEN: 'set in env: by the author',
      GITHUB_SHA: 'abc',
      RUNNER_TRACKING_ID: 'lets the runner find left-over processes',
      'INPUT_GITHUB-TOKEN': 'x',
      ACTIONS_RUNTIME_TOKEN: 'x',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'x',
      ACTIONS_CACHE_URL: 'x',
      ACTIONS_RESULTS_URL: 'x',
      GITHUB_OUTPUT: 'x',
      GITHUB_STATE: 'x',
      GITHUB_ENV: 'x',
      GITHUB_PATH: 'x',
      GITHUB_STEP_SUMMARY: 'x',
    };
    expect(Object.keys(commandEnvironment(env))).toEqual([
      'PATH',
      'GITHUB_TOKEN',
      'GITHUB_SHA',
      'RUNNER_TRACKING_ID',
    ]);
  });
});

describe('a program that is asked', () => {
  function ask(
    argv: string[],
    question: string,
    raw = new Collected(),
    signal?: AbortSignal,
  ): Promise<ProgramEnd> {
    return askProgram({
      argv,
      cwd: folder,
      env: process.env,
      log: { raw, warning: () => undefined },
      signal: signal ?? new AbortController().signal,
      timeoutMs: 60_000,
      place: 'target.run',
      left: 'keep',
      question,
      longestAnswer: 1000,
    });
  }
  const echo = `process.stdin.pipe(process.stdout); console.error('::error::said');`;

  test('answers on its standard output, and only its standard error is in the log', async () => {
    const raw = new Collected();
    const end = await ask(script(echo), '{"a": 1}', raw);
    expect(end).toMatchObject({ ended: 'exit', code: 0, answer: '{"a": 1}' });
    expect(end.tail).toBe('::error::said\n');
    expect(raw.text).toMatch(/^::stop-commands::(\w+)\n::error::said\n::\1::\n$/);
  });

  test('an answer as long as is read', async () => {
    const answer = 'x'.repeat(1000);
    expect(await ask(script(`process.stdout.write('${answer}')`), '')).toMatchObject({ answer });
  });

  test.each([
    ['longer', ''],
    ['without an end', `setInterval(() => process.stdout.write('x'), 10);`],
  ])('ends when its answer is %s', async (_name, more) => {
    const source = `require('fs').writeFileSync('pid', String(process.pid)); process.stdout.write('x'.repeat(1001)); ${more}`;
    await expect(ask(script(source), '')).rejects.toMatchObject({
      reasonCode: 'bad-config',
      message: expect.stringContaining('The answer of target.run is longer than is read') as unknown,
    });
    expect(await isAlive('pid')).toBe(false);
  });

  test('need not read what it is asked', async () => {
    expect(await ask(script(`console.log('all the same')`), 'x'.repeat(10_000_000))).toMatchObject({
      code: 0,
      answer: 'all the same\n',
    });
  });

  test('is waited for no longer than itself when what it started holds its output', async () => {
    const server = `require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000)`;
    const source = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(server)}], { stdio: 'inherit', detached: true }).unref();
      process.stdout.write('started'); process.exitCode = 0;
      const wait = setInterval(() => { if (require('fs').existsSync('pid')) clearInterval(wait) }, 20)`;
    expect(await ask(script(source), '')).toMatchObject({ code: 0, answer: 'started' });
    expect(await isAlive('pid')).toBe(true);
    process.kill(Number(await readFile(path.join(folder, 'pid'), 'utf8')), 'SIGKILL');
  });

  test('ends with all that it started when the step is cancelled', async () => {
    const cancelled = new AbortController();
    const source = `require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000)`;
    const asked = ask(script(source), '', new Collected(), cancelled.signal);
    await untilWritten('pid');
    cancelled.abort(new CancelledError('SIGTERM'));
    await expect(asked).rejects.toThrow('cancelled');
    expect(await isAlive('pid')).toBe(false);
  });
});
