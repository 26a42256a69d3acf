import { expect, it } from '@jest/globals';
import { protocolOf, sshCommand } from './remote-address.ts';

it.each([
  ['https://github.com/acme/x.git', 'https'],
  ['HTTP://forge.example/x', 'http'],
  ['ssh://git@forge.example:2222/x', 'ssh'],
  ['git@github.com:acme/x.git', 'ssh'],
  ['forge.example:x', 'ssh'],
  ['git://forge.example/x', 'git'],
  ['file:///srv/x.git', 'file'],
  ['/srv/x.git', 'file'],
  ['../x:y.git', 'file'],
  [String.raw`C:\srv\x.git`, 'file'],
] as const)('reaches %s by %s', (url, protocol) => {
  expect(protocolOf(url)).toBe(protocol);
});

it.each([
  'ext::sh -c evil',
  'fd::17',
  'evil::https://u:secret@h/x',
  'evil://u:secret@h/x?token=secret',
  'ext::secret@',
])('refuses %s, which would start a program', (url) => {
  expect(() => protocolOf(url)).toThrow(/Allowed are addresses with https/);
  expect(() => protocolOf(url)).not.toThrow(/:secret@|token=/);
});

it('takes the key that actions/checkout leaves', () => {
  const value =
    '"/usr/bin/ssh" -i "$RUNNER_TEMP/a b" -o StrictHostKeyChecking=yes -o CheckHostIP=no -o "UserKnownHostsFile=/tmp/k"';
  expect(sshCommand({ scope: 'local', value })).toBe(
    "ssh -o BatchMode=yes -i '$RUNNER_TEMP/a b' -o 'StrictHostKeyChecking=yes' -o 'CheckHostIP=no' -o 'UserKnownHostsFile=/tmp/k'",
  );
});

it('takes what the machine says, and otherwise ssh without questions', () => {
  expect(sshCommand(undefined)).toBe('ssh -o BatchMode=yes');
  expect(sshCommand({ scope: 'global', value: 'plink -batch' })).toBe('plink -batch');
});

it.each([
  '/tmp/evil.sh',
  'sh -c evil',
  'ssh -o ProxyCommand=evil',
  'ssh -oProxyCommand=evil',
  'ssh -F /tmp/config',
  'ssh -o PermitLocalCommand=yes -o LocalCommand=evil',
  'ssh -o "StrictHostKeyChecking=yes\nProxyCommand evil"',
  'ssh -i',
  'ssh; evil',
  'env ssh',
])('does not run %s of a checkout', (value) => {
  for (const scope of ['local', 'worktree']) {
    expect(() => sshCommand({ scope, value })).toThrow(/GIT_SSH_COMMAND/);
  }
});

it('hands a key to the shell as one word', () => {
  expect(sshCommand({ scope: 'local', value: `ssh -i "a'; evil; '"` })).toBe(
    String.raw`ssh -o BatchMode=yes -i 'a'\''; evil; '\'''`,
  );
});
