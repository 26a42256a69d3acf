import { describe, expect, it } from '@jest/globals';
import { contractSchema } from '@sluice/core/data/contract-schema.ts';
import type { ColumnProfile, Profile } from '@sluice/core/data/profile.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { contractFor } from './suggest.ts';

const profile = (...columns: ColumnProfile[]): Profile => ({
  'schema-version': 1,
  kind: 'sluice-data-profile',
  data: [{ name: 'train', rows: 8, digest: '', columns }],
});
const texts = (name: string, values: Record<string, number>): ColumnProfile => ({
  type: 'category',
  name,
  count: 8,
  missing: 0,
  distinct: Object.keys(values).length,
  values,
});
const parsed = (text: string): unknown =>
  parseYaml(text, contractSchema, { name: 'c.odcs.yaml', reason: 'bad-config' }).schema?.[0]?.properties;

describe('the suggested contract', () => {
  it('can be read again where a column has no name, which it says', () => {
    const text = contractFor(profile(texts('', { '0': 1 }), texts('carrier', { AA: 4, UA: 4 })));
    expect(parsed(text)).toEqual([expect.objectContaining({ name: 'carrier' })]);
    expect(text).toMatch(/^# "train" has a column without a name.*index=False/m);
  });

  it('lists texts that occur again and again, and no text that occurs once', () => {
    const text = contractFor(profile(texts('carrier', { AA: 6, UA: 2 }), texts('name', { Ann: 1, Bob: 7 })));
    expect(text).toContain('- AA');
    expect(text).not.toMatch(/Ann|Bob/);
  });

  it('can be read again whatever columns and values are called', () => {
    const odd = ['- x', 'a: b', '#', '\n', '"', '🐢', '{', 'null', '1.0', ' '];
    const columns = odd.map((name) => texts(name, Object.fromEntries(odd.map((value) => [value, 2]))));
    expect(parsed(contractFor(profile(...columns)))).toMatchObject(odd.map((name) => ({ name })));
  });
});
