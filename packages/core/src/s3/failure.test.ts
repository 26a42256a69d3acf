import { expect, test } from '@jest/globals';
import { UserError } from '../action/errors.ts';
import { S3Failure, explainS3, type Attempt } from './failure.ts';

const WHERE = 'AWS (region eu-west-1)';
const GET: Attempt = { action: 'GetObject', bucket: 'models', key: 'team/m/sha256/ab/entry.json' };

/** An error as the SDK throws it. */
function refusal(name: string, status: number, message = 'said the server'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}
function network(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

test.each<[string, Error, Attempt, string, RegExp]>([
  ['an expired token', refusal('ExpiredToken', 400), GET, 'no-permission', /expired.*role-duration-seconds/s],
  [
    'a wrong clock',
    refusal('RequestTimeTooSkewed', 403),
    GET,
    'no-permission',
    /clock of the runner.*\d{4}-\d\d-\d\dT/,
  ],
  ['a session token of another key', refusal('InvalidToken', 400), GET, 'no-permission', /AWS_SESSION_TOKEN/],
  ['no role for the workflow', refusal('InvalidIdentityToken', 400), GET, 'no-permission', /id-token: write/],
  ['too many requests', refusal('SlowDown', 503), GET, 'service-unavailable', /asked too much/],
  [
    'a server that is broken',
    refusal('InternalError', 500),
    GET,
    'service-unavailable',
    /HTTP 500.*Run the job again/,
  ],
  [
    'a bucket elsewhere',
    refusal('PermanentRedirect', 301),
    GET,
    'bad-config',
    /another region. Set AWS_REGION/,
  ],
  [
    'a version that is gone',
    refusal('NoSuchVersion', 404),
    { ...GET, versionId: 'v1' },
    'missing-file',
    /no version v1.*lifecycle/s,
  ],
  [
    'a delete marker',
    refusal('MethodNotAllowed', 405),
    { ...GET, versionId: 'v1' },
    'missing-file',
    /no version v1/,
  ],
  ['a key that is gone', refusal('NoSuchKey', 404), GET, 'missing-file', /entry\.json is not there/],
  [
    'something unheard of',
    refusal('Teapot', 418),
    GET,
    'service-unavailable',
    /Teapot \(HTTP 418\): said the server/,
  ],
  [
    'an untrusted certificate',
    network('SELF_SIGNED_CERT_IN_CHAIN'),
    GET,
    'service-unavailable',
    /AWS_CA_BUNDLE/,
  ],
  ['a name that nobody knows', network('ENOTFOUND'), GET, 'service-unavailable', /AWS_ENDPOINT_URL_S3/],
  ['silence', refusal('TimeoutError', 0), GET, 'service-unavailable', /did not answer GetObject/],
])('%s says what to do', (_what, error, attempt, reason, says) => {
  const failure = explainS3(error, attempt, WHERE);
  expect(failure).toBeInstanceOf(S3Failure);
  expect(failure).toMatchObject({ reasonCode: reason, message: expect.stringMatching(says), cause: error });
});

test.each<[Attempt, unknown]>([
  [GET, { Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::models/team/m/sha256/ab/*'] }],
  [
    { ...GET, versionId: 'v1' },
    {
      Effect: 'Allow',
      Action: ['s3:GetObjectVersion'],
      Resource: ['arn:aws:s3:::models/team/m/sha256/ab/*'],
    },
  ],
  [
    { action: 'PutObject', bucket: 'models', key: 'weights' },
    { Effect: 'Allow', Action: ['s3:PutObject'], Resource: ['arn:aws:s3:::models/*'] },
  ],
  [
    { action: 'ListObjectVersions', bucket: 'models', key: 'team/' },
    { Effect: 'Allow', Action: ['s3:ListBucketVersions'], Resource: ['arn:aws:s3:::models'] },
  ],
])('a right that is missing comes with the statement to paste: %j', (attempt, statement) => {
  const failure = explainS3(refusal('AccessDenied', 403), attempt, WHERE) as S3Failure;
  expect(failure.reasonCode).toBe('no-permission');
  expect(JSON.parse(/\{.*?\}/.exec(failure.message)?.[0] ?? '')).toEqual(statement);
});

test('what is no failure of S3 stays what it is', () => {
  const bug = new TypeError('x is not a function');
  expect(explainS3(bug, GET, WHERE)).toBe(bug);
  const own = new UserError('bad-input', 'explained already');
  expect(explainS3(own, GET, WHERE)).toBe(own);
});
