import { describe, expect, test } from '@jest/globals';
import { launchOf, type Launch } from './program.ts';

const ENV = {
  Path: 'C:\\shims;"C:\\Program Files\\Python"',
  PATHEXT: '.COM;.EXE;.BAT;.CMD;.PY',
  ComSpec: 'C:\\cmd.exe',
};
const CWD = 'D:\\a\\repo';

function onWindows(files: readonly string[], argv: readonly string[]): Promise<Launch> {
  const isFile = (file: string): Promise<boolean> => Promise.resolve(files.includes(file));
  return launchOf(argv, { env: ENV, cwd: CWD, place: 'train.run' }, { platform: 'win32', isFile });
}

test('elsewhere the program is what is written, and nothing is looked for', async () => {
  const isFile = (): Promise<boolean> => Promise.reject(new Error('A file was looked for.'));
  const launch = launchOf(
    ['python', '-c', '%x%"'],
    { env: ENV, cwd: '/', place: '' },
    { platform: 'darwin', isFile },
  );
  expect(await launch).toEqual({ file: 'python', args: ['-c', '%x%"'], verbatim: false });
});

describe('on Windows', () => {
  test.each([
    ['python', ['C:\\Program Files\\Python\\python.exe']],
    ['python.exe', ['C:\\Program Files\\Python\\python.exe']],
    ['python3.12', ['C:\\shims\\python3.12.exe']],
    ['.\\tools\\train', ['D:\\a\\repo\\tools\\train.exe']],
    ['tools/train.exe', ['D:\\a\\repo\\tools\\train.exe']],
  ])('%s is found', async (program, files) => {
    expect(await onWindows(files, [program, 'a b'])).toEqual({
      file: files[0],
      args: ['a b'],
      verbatim: false,
    });
  });

  test('a program that lies in the checkout is not taken for one of PATH', async () => {
    expect((await onWindows(['D:\\a\\repo\\git.exe'], ['git'])).file).toBe('git');
  });

  test('the first folder of PATH wins, and in it the order of PATHEXT', async () => {
    const files = ['C:\\shims\\python.bat', 'C:\\shims\\python.exe', 'C:\\Program Files\\Python\\python.exe'];
    expect((await onWindows(files, ['python'])).file).toBe('C:\\shims\\python.exe');
  });

  test('what Windows cannot start is passed over', async () => {
    expect((await onWindows(['C:\\shims\\train.py'], ['train'])).file).toBe('train');
  });

  test('a batch file goes through the command interpreter, every argument in quotes', async () => {
    const launch = onWindows(['C:\\shims\\python.bat'], ['python', 'train.py', 'a & b', 'C:\\out\\', '']);
    expect(await launch).toEqual({
      file: 'C:\\cmd.exe',
      args: ['/d', '/s', '/c', '""C:\\shims\\python.bat" "train.py" "a & b" "C:\\out\\\\" """'],
      verbatim: true,
    });
  });

  test.each(['%PATH%', 'say "x"', 'a\nb'])(
    '%j cannot be given to one and is refused by name',
    async (argument) => {
      await expect(onWindows(['C:\\shims\\python.bat'], ['python', argument])).rejects.toMatchObject({
        reasonCode: 'bad-input',
        message: expect.stringMatching(
          /^train\.run starts 'C:.shims.python\.bat', a batch file.*such as python\.exe/,
        ),
      });
    },
  );
});
