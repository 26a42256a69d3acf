import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from '@jest/globals';
import { describeStore, type Stored } from '../contract/store.ts';
import { startRelay, type CuttingRelay } from '@sluice/testing/cutter.ts';
import { startS3, type S3Server } from '@sluice/testing/s3/server.ts';

let s3: S3Server;
let relay: CuttingRelay;
let reader: Readonly<Record<string, string>>;
let stranger: Readonly<Record<string, string>>;
const READING = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: ['reader'], Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::models/*'] },
    { Effect: 'Allow', Principal: ['reader'], Action: ['s3:ListBucket'], Resource: ['arn:aws:s3:::models'] },
  ],
};

beforeAll(async () => {
  s3 = await startS3();
  relay = await startRelay(s3.url);
  await s3.makeBucket('models');
  reader = await s3.makeUser('reader');
  stranger = await s3.makeUser('stranger');
  await s3.client.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(READING) }));
});
afterAll(async () => {
  await relay?.close();
  await s3?.stop();
});

const Bucket = 'models';
let count = 0;

interface Prefix {
  readonly prefix: string;
}

const keyOf = ({ prefix }: Prefix, { model, digest }: Stored, name: string): string =>
  `${prefix}/${model}/sha256/${digest}/${name}`;

/** Reading goes to the version that was stored, so it has to go for good before anything is noticed. */
async function removeForGood(Key: string): Promise<void> {
  const { Versions = [] } = await s3.client.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
  for (const { VersionId } of Versions)
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
}

const write = async (Key: string, text: string): Promise<void> =>
  void (await s3.client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(text) })));

describeStore({
  scheme: 's3',
  async fresh() {
    const place = { prefix: `test ${++count}` };
    const modelKey = (at: Stored, file: string): string => keyOf(place, at, `model/${file}`);
    return {
      uri: `s3://${Bucket}/${place.prefix}`,
      env: { ...s3.env, AWS_ENDPOINT_URL_S3: relay.url },
      async changeFile(at, file) {
        await removeForGood(modelKey(at, file));
        await write(modelKey(at, file), 'changed');
      },
      removeFile: (at, file) => removeForGood(modelKey(at, file)),
      describeAnew: (at, text) => write(keyOf(place, at, 'entry.json'), text),
      async hasBegun(at) {
        const model = new ListObjectsV2Command({ Bucket, Prefix: modelKey(at, '') });
        return ((await s3.client.send(model)).KeyCount ?? 0) > 0;
      },
      close: () => Promise.resolve(),
    };
  },
  oneWinner: true,
  manyFiles: 500,
  longestPath: 850,
  refusedNames: {},
  refuseWriting: { use: (store) => Promise.resolve({ uri: store.uri, env: { ...store.env, ...reader } }) },
  refuseReading: { use: (store) => Promise.resolve({ uri: store.uri, env: { ...store.env, ...stranger } }) },
  fill: { cannot: 'a bucket is never full' },
  describeHugely: { cannot: 'half a gigabyte would have to be sent first' },
  cutter: { use: () => relay },
  resumes: true,
});
