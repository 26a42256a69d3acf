import { UserError } from '../action/errors.ts';
import { parseJson } from '../action/json.ts';

/** What came back: the whole text, or its beginning. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly retryAfter?: string | undefined;
  readonly location?: string | undefined;
}

/** What was asked, for messages. */
export interface Question {
  /** Such as `POST runs/create`. */
  readonly call: string;
  /** Address of the server, without credentials. */
  readonly server: string;
}

type RefusalReason = 'no-permission' | 'service-unavailable' | 'bad-input';

/** MLflow said no, by an error code of its own or by its status. */
export class MlflowRefusal extends UserError<RefusalReason> {
  /** MLflow's error code, empty when it gave none. */
  readonly code: string;
  constructor(reason: RefusalReason, code: string, message: string) {
    super(reason, message);
    this.name = 'MlflowRefusal';
    this.code = code;
  }
}

/** The server did not answer, or asks to come again. The request may have been carried out. */
export class MlflowUnavailable extends UserError<'service-unavailable'> {
  /** How long the server asks to wait, in ms. */
  readonly waitMs: number | undefined;
  constructor(message: string, options: { cause?: unknown; waitMs?: number | undefined } = {}) {
    super('service-unavailable', message, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'MlflowUnavailable';
    this.waitMs = options.waitMs;
  }
}

const PASSING_CODES = [
  'REQUEST_LIMIT_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'TEMPORARILY_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'INTERNAL_ERROR',
];
const PASSING_STATUS = [408, 429, 500, 502, 503, 504];
/** Two writers met in MLflow's database; it passes the database's words on as BAD_REQUEST. */
const COLLISION = /\b(?:IntegrityError|UniqueViolation|OperationalError)\b/;
/** The most that a server's `Retry-After` is obeyed, in ms. */
const LONGEST_WAIT_MS = 60_000;

/** The error of an answer, undefined when it is a good one. */
export function problemOf(answer: Answer, question: Question): UserError | undefined {
  const { status, text } = answer;
  const { server } = question;
  if (status >= 200 && status < 300) return isPage(answer) ? webPage(answer, question) : undefined;
  if (status >= 300 && status < 400) return redirect(answer, question);
  const { code, message } = errorBody(text);
  const said = `MLflow at ${server} answered ${question.call} with ${code === '' ? `HTTP ${status}` : code}`;
  if (text.startsWith('Invalid Host header')) return hostRefused(question);
  if (/--artifacts-only|--no-serve-artifacts/.test(text)) return switchedOff(text, question);
  if (status === 401 || status === 403 || code === 'PERMISSION_DENIED') {
    return new MlflowRefusal(
      'no-permission',
      code,
      `${said}: ${message}. Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, in the env of the job, for a user who may edit experiments and registered models.`,
    );
  }
  if (status === 413) {
    return new MlflowRefusal(
      'service-unavailable',
      code,
      `${said}: the file is larger than the server, or a proxy before it, takes. Raise its limit (nginx: client_max_body_size), or give the server an artifact store that takes uploads in parts, such as S3.`,
    );
  }
  const passing =
    code === '' ? PASSING_STATUS.includes(status) : PASSING_CODES.includes(code) || COLLISION.test(message);
  if (passing) return new MlflowUnavailable(`${said}: ${message}.`, { waitMs: waitOf(answer.retryAfter) });
  if (isPage(answer)) return webPage(answer, question);
  return new MlflowRefusal('bad-input', code, `${said}: ${message}.${advice(message)}`);
}

function isPage({ contentType, text }: Answer): boolean {
  return /^\s*<(?:!doctype|html)/i.test(text) || (contentType.startsWith('text/html') && text.trim() !== '');
}

function webPage({ status }: Answer, { call, server }: Question): MlflowRefusal {
  const why =
    status === 404 || status === 405
      ? 'There is no MLflow at this path: check registry.tracking-uri or MLFLOW_TRACKING_URI, above all the path before /api, and that the server is MLflow 3'
      : 'A proxy or a sign-in page stands before the server: give it what it wants in SLUICE_MLFLOW_HEADERS (one Name: value a line) or MLFLOW_TRACKING_TOKEN, or use an address behind it';
  return new MlflowRefusal(
    'service-unavailable',
    '',
    `${server} answered ${call} with a web page instead of JSON (HTTP ${status}). ${why}.`,
  );
}

function redirect({ status, location }: Answer, { call, server }: Question): MlflowRefusal {
  const to =
    location !== undefined && URL.canParse(location, server) ? new URL(location, server).origin : 'nowhere';
  return new MlflowRefusal(
    'service-unavailable',
    '',
    `${server} answered ${call} with a redirect (HTTP ${status}) to ${to}. Redirects are not followed, because they would take the credentials along; set the final address as the tracking URI.`,
  );
}

/** MLflow 3.5 and later answer only to the host names they know. */
function hostRefused({ server }: Question): MlflowRefusal {
  const { host } = new URL(server);
  return new MlflowRefusal(
    'no-permission',
    '',
    `MLflow at ${server} does not accept the host name '${host}' (its protection against DNS rebinding). Start it with --allowed-hosts '${host}' or MLFLOW_SERVER_ALLOWED_HOSTS=${host}, or use an address that it knows, such as localhost.`,
  );
}

/** Waiting does not help: the server was started that way. */
function switchedOff(text: string, { call, server }: Question): MlflowRefusal {
  const advice = text.includes('--artifacts-only')
    ? 'It serves artifacts alone; use the address of the tracking server.'
    : "Restart it without '--no-serve-artifacts', or give the experiment an artifact location in S3, for which it can sign uploads.";
  return new MlflowRefusal(
    'service-unavailable',
    '',
    `MLflow at ${server} refuses ${call}, because of how it was started (${text.includes('--artifacts-only') ? '--artifacts-only' : '--no-serve-artifacts'}). ${advice}`,
  );
}

/** What to do about refusals that MLflow explains in words only. */
function advice(message: string): string {
  if (message.includes('Changing param values')) {
    return ' Parameters of a run never change in MLflow. Register from a new run: delete this one in MLflow, or train with the parameters that it has.';
  }
  if (message.includes('exceeds the maximum length')) return ' Shorten what the message names.';
  return '';
}

function errorBody(text: string): { code: string; message: string } {
  const parsed = parseJson(text);
  if (typeof parsed === 'object' && parsed !== null && 'error_code' in parsed) {
    const message = 'message' in parsed ? String(parsed.message) : 'no message';
    return { code: String(parsed.error_code), message: excerpt(message) };
  }
  return { code: '', message: excerpt(text) || 'no message' };
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function waitOf(retryAfter: string | undefined): number | undefined {
  const seconds = Number(retryAfter ?? NaN);
  return Number.isFinite(seconds) ? Math.min(LONGEST_WAIT_MS, Math.max(0, seconds) * 1000) : undefined;
}
