import { describe, expect, test } from '@jest/globals';
import { at, deployed, hex, type Book } from '@sluice/testing/book.ts';
import { formerVersions } from './retired.ts';

/** v1 good, v2 rolled back with its bytes registered again as v3 after somebody deregistered it. */
function comesBack(): Book {
  const book = deployed(2);
  book.rollback();
  deregister(book, 'v2.0.0');
  book.register(2, 'commit 3');
  return book;
}

function deregister(book: Book, version: string): void {
  const commit = book.tags.find(({ name }) => name === `m@${version}`)?.commit ?? '';
  const newest = book.state().newest ?? at(0);
  const time = new Date(newest.getTime() + 1000);
  book.tags.push({ name: `m@${version}!`, commit, time, tagger: 'ada', message: 'retired' });
}

describe('bytes that were quarantined', () => {
  test('do not come back under another version, until they are released', () => {
    const book = comesBack();
    expect(book.assign('v3.0.0')).toMatchObject({
      kind: 'refused',
      reason: 'quarantined',
      message: expect.stringMatching(
        /v3\.0\.0 has the bytes of v2\.0\.0, which is quarantined here .*release-quarantine: true/,
      ),
    });
    expect(book.assign('v3.0.0', { releaseQuarantine: true }).kind).toBe('write');
    expect(book.live()).toBe('v3.0.0');
    expect(book.assign('v1.0.0').kind).toBe('write');
    expect(book.assign('v3.0.0').kind).toBe('write');
  });

  test('are named by whoever registers them again', () => {
    expect(formerVersions(comesBack().state(), hex(2))).toEqual([
      'v2.0.0, which was deregistered',
      'v2.0.0, which is quarantined in prod',
    ]);
    expect(formerVersions(comesBack().state(), hex(1))).toEqual([]);
  });

  test('may go to an environment that never saw them but as a version that was deregistered: by a release', () => {
    const book = comesBack();
    expect(book.assign('v3.0.0', { environment: 'staging' })).toMatchObject({
      reason: 'quarantined',
      message: expect.stringContaining('the bytes of v2.0.0, which was deregistered'),
    });
    expect(book.assign('v3.0.0', { environment: 'staging', releaseQuarantine: true }).kind).toBe('write');
  });

  test('other bytes are free', () => {
    const book = comesBack();
    book.register(4);
    expect(book.assign('v4.0.0').kind).toBe('write');
  });
});

test('the number of a version whose tag was deleted is not given again, and somebody is told', () => {
  const book = deployed(2);
  book.tags = book.tags.filter(({ name }) => name !== 'm@v2.0.0');
  expect(book.state().problems).toContainEqual(
    expect.stringMatching(/v2\.0\.0 of m was deployed .*m@v2\.0\.0 is gone/),
  );
  expect(book.register(3)).toMatchObject({ version: 'v3.0.0' });
});

test('nor is that of the newest one, which only a later deployment remembers', () => {
  const book = deployed(3);
  book.assign('v1.0.0');
  book.tags = book.tags.filter(({ name }) => !['m@v3.0.0', 'm#prod#3'].includes(name));
  expect(book.register(4)).toMatchObject({ version: 'v4.0.0' });
});
