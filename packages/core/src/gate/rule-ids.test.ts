import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { uniqueIds } from './rule-ids.ts';

test('the name, numbered where it repeats', () => {
  expect(uniqueIds(['auc', 'cases', 'auc', 'auc'])).toEqual(['auc', 'cases', 'auc-2', 'auc-3']);
});

test('a number never takes the name of another rule', () => {
  expect(uniqueIds(['auc', 'auc', 'auc-2'])).toEqual(['auc', 'auc-3', 'auc-2']);
});

test('all are different, and a name that occurs once stays', () => {
  const names = fc.array(fc.constantFrom('a', 'a-2', 'a-3', 'a-2-2', 'b'));
  fc.assert(
    fc.property(names, (given) => {
      const ids = uniqueIds(given);
      expect(new Set(ids).size).toBe(given.length);
      const firsts = given.filter((name, i) => given.indexOf(name) === i);
      expect(ids.filter((_, i) => given.findIndex((name) => name === given[i]) === i)).toEqual(firsts);
    }),
  );
});
