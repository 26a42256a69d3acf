import * as z from 'zod/mini';

/*
 * Data contracts in the Open Data Contract Standard v3.1.0 (github.com/bitol-io/open-data-contract-standard,
 * schema/odcs-json-schema-v3.1.0.json). Closed objects are closed here too, so that a misspelt key is an error. Quality
 * entries and logicalTypeOptions stay open: what they hold and we do not understand becomes a rule with the verdict
 * `error`, beside the verdicts of the others.
 */

const ignored = z.optional(z.unknown());
const options = z.optional(z.record(z.string(), z.unknown()));
const quality = z.optional(z.array(z.record(z.string(), z.unknown())));

/** Keys that describe and do not constrain. */
const DESCRIPTION = {
  id: ignored,
  description: ignored,
  businessName: ignored,
  authoritativeDefinitions: ignored,
  tags: ignored,
  customProperties: ignored,
};

const property = z.strictObject({
  ...DESCRIPTION,
  name: z.string().check(z.minLength(1)),
  physicalName: z.optional(z.string()),
  physicalType: ignored,
  logicalType: z.optional(
    z.enum(['string', 'date', 'timestamp', 'time', 'number', 'integer', 'object', 'array', 'boolean']),
  ),
  logicalTypeOptions: options,
  required: z.optional(z.boolean()),
  unique: z.optional(z.boolean()),
  primaryKey: z.optional(z.boolean()),
  primaryKeyPosition: z.optional(z.int()),
  partitioned: ignored,
  partitionKeyPosition: ignored,
  classification: z.optional(z.string()),
  encryptedName: ignored,
  transformSourceObjects: ignored,
  transformLogic: ignored,
  transformDescription: ignored,
  examples: ignored,
  criticalDataElement: ignored,
  relationships: ignored,
  items: ignored,
  properties: ignored,
  quality,
});

const schemaObject = z.strictObject({
  ...DESCRIPTION,
  name: z.string().check(z.minLength(1)),
  physicalName: ignored,
  physicalType: ignored,
  logicalType: z.optional(z.literal('object')),
  dataGranularityDescription: ignored,
  properties: z.optional(z.array(property)),
  relationships: ignored,
  quality,
});

export const contractSchema = z.strictObject({
  apiVersion: z
    .string()
    .check(z.regex(/^v3\.(0\.[0-2]|1\.0)$/, 'expected one of v3.1.0, v3.0.2, v3.0.1, v3.0.0')),
  kind: z.literal('DataContract'),
  id: z.string(),
  version: z.string(),
  status: z.string(),
  name: ignored,
  tenant: ignored,
  tags: ignored,
  servers: ignored,
  dataProduct: ignored,
  description: ignored,
  domain: ignored,
  schema: z.array(schemaObject).check(z.minLength(1)),
  support: ignored,
  price: ignored,
  team: ignored,
  roles: ignored,
  slaDefaultElement: ignored,
  slaProperties: ignored,
  authoritativeDefinitions: ignored,
  customProperties: ignored,
  contractCreatedTs: ignored,
});

/** A data contract as it is written. */
export type Contract = z.infer<typeof contractSchema>;
export type SchemaObject = z.infer<typeof schemaObject>;
export type Property = z.infer<typeof property>;
