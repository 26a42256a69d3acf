import { expect, it } from '@jest/globals';
import { shownAddress } from './address.ts';

it.each([
  ['https://mlflow.example/x', 'https://mlflow.example/x'],
  ['https://user:secret@h:8080/x', 'https://h:8080/x'],
  ['https://secret@h', 'https://h'],
  ['https://h/x@y', 'https://h/x@y'],
  ['ftp://user:secret@h/x?token=secret#secret', 'ftp://h/x'],
  ['user:secret@h', 'h'],
  ['https://user:sec/ret@h/x', 'https://h/x'],
  ['https://user:sec@ret@h/x', 'https://h/x'],
  ['git@github.com:acme/x.git', 'github.com:acme/x.git'],
  ['evil::https://u:secret@h/x', 'h/x'],
  ['/srv/models', '/srv/models'],
  ['databricks', 'databricks'],
])('shows %s as %s', (address, shown) => {
  expect(shownAddress(address)).toBe(shown);
});
