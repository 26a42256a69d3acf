import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT, runStep, type Kill, type StepResult } from '../action.ts';
import { temporaryFolder } from '../temporary.ts';
import type { S3Server } from './server.ts';

const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: flights
version: 1.0.0
status: active
schema:
  - name: flights
    properties:
      - {name: id, logicalType: integer, required: true}
      - {name: carrier, logicalType: string, required: true}
`;

/** A CSV file that holds to the contract, with as many rows as asked for. */
export function flights(rows: number, carrier = 'AA'): string {
  return `id,carrier\n${Array.from({ length: rows }, (_, id) => `${id},${carrier}\n`).join('')}`;
}

interface More {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly kill?: Kill;
}

/** A checkout whose data is in S3. */
export interface DataProject {
  readonly workspace: string;
  write(name: string, content: string): Promise<void>;
  read(name: string): Promise<string>;
  /** Runs an action; every call without GITHUB_RUN_ID in `env` is in no run. */
  run(action: string, more?: More): Promise<StepResult>;
}

/** Makes one; `data` is that section of sluice.yaml, `rest` what follows it, `checkout` a folder that is there. */
export async function dataProject(
  s3: S3Server,
  data: string,
  rest = '',
  checkout?: string,
): Promise<DataProject> {
  const workspace = checkout ?? (await temporaryFolder('s3-data'));
  const write = async (name: string, content: string): Promise<void> => {
    await mkdir(path.dirname(path.join(workspace, name)), { recursive: true });
    await writeFile(path.join(workspace, name), content);
  };
  await write('contract.yaml', CONTRACT);
  await write('sluice.yaml', `version: 1\nmodel: delay\ndata: {contract: contract.yaml, ${data}}\n${rest}`);
  return {
    workspace,
    write,
    read: (name) => readFile(path.join(workspace, name), 'utf8'),
    run: (action, { inputs = {}, env = {}, kill } = {}) =>
      runStep(action, {
        workspace,
        inputs,
        env: { ...s3.env, ...env },
        ...(kill === undefined ? {} : { kill }),
      }),
  };
}

/** Writes an object with the SDK's own client and returns its version id. */
export async function put(
  s3: S3Server,
  bucket: string,
  key: string,
  body: string | Uint8Array,
): Promise<string> {
  const Body = Buffer.from(body);
  const answer = await s3.client.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength: Body.length }),
  );
  return answer.VersionId ?? '';
}

/** Deletes one version of an object for good. */
export async function deleteVersion(
  s3: S3Server,
  bucket: string,
  key: string,
  versionId: string,
): Promise<void> {
  await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
}

/** What a document has that its schema (a file of `schemas/`) does not allow; null when there is nothing. */
export async function schemaErrors(schema: string, document: unknown): Promise<unknown> {
  const parsed = JSON.parse(await readFile(path.join(ROOT, 'schemas', schema), 'utf8')) as object;
  const validate = new Ajv2020({ strict: false }).compile(parsed);
  validate(document);
  return validate.errors;
}
