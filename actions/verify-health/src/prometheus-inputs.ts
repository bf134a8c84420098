import type { MetricsRequest } from '@slipway/health';
import { errorShareName, parseAssertions, parseMaxLatency, type Assertion } from '@slipway/health';
import type { ServicePort } from '@slipway/kube';
import { isCodePattern, type PrometheusAuth } from '@slipway/prometheus';
import { quoted, type InputReader } from '@slipway/runtime';

/** Where Prometheus is: at an address, or a Service of the cluster that is asked through its API server. */
export type PrometheusPlace =
  | { kind: 'none' }
  | { kind: 'url'; url: string }
  | { kind: 'service'; to: ServicePort; prefix: string };

/** The inputs that are about Prometheus. */
export interface PrometheusInputs {
  prometheus: PrometheusPlace;
  prometheusAuth: PrometheusAuth;
  /** Sent along with every request, such as the tenant. */
  prometheusHeaders: Readonly<Record<string, string>>;
  /** AWS's region whose keys of the environment sign requests; empty signs none. */
  prometheusSigv4Region: string;
  /** PEM texts; empty ones are not used. */
  prometheusTls: { ca: string; cert: string; key: string };
  /** Whether `up == 1` of every new pod is asked for. */
  up: boolean;
  errorShare: MetricsRequest['errorShare'];
  /** The share of failed requests that is too much, of users or of our own. */
  maxErrorShare: number;
  maxLatency: MetricsRequest['maxLatency'];
  /** The user's own. */
  assertions: readonly Assertion[];
}

const inCluster =
  /^in-cluster:(?<namespace>[a-z0-9][-a-z0-9]{0,62})\/(?<scheme>https:)?(?<service>[a-z0-9][-a-z0-9]{0,62}):(?<port>\d{1,5}|[a-z0-9][-a-z0-9]{0,14})(?<prefix>\/[^?#\s]*)?$/;

/** An address may hold a password or a key: one that does is not quoted. */
function checkUrl(read: InputReader, text: string): void {
  const url = URL.parse(text);
  const shown = /[@?#]/.test(text) ? 'it' : quoted(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    read.problem(`prometheus-url: ${shown} is not an http or https URL.`);
  else if (url.username !== '' || url.password !== '')
    read.problem('prometheus-url: put the user and password into their own inputs.');
  else if (url.search !== '' || url.hash !== '')
    read.problem(
      'prometheus-url: give the address alone, without "?" and "#"; a key goes into prometheus-headers.',
    );
}

function readPlace(read: InputReader): PrometheusPlace {
  const text = read.string('prometheus-url');
  if (text === '') return { kind: 'none' };
  const match = inCluster.exec(text)?.groups;
  if (match !== undefined) {
    const { namespace = '', service = '', port = '', scheme, prefix = '' } = match;
    const to = {
      namespace,
      service,
      port,
      scheme: scheme === undefined ? 'http' : 'https',
    } as const;
    return { kind: 'service', to, prefix };
  }
  if (text.startsWith('in-cluster'))
    read.problem(
      `prometheus-url: ${quoted(text)} is not of the form in-cluster:NAMESPACE/SERVICE:PORT, as in in-cluster:monitoring/prometheus-server:9090.`,
    );
  else checkUrl(read, text);
  return { kind: 'url', url: text };
}

function readAuth(read: InputReader): PrometheusAuth {
  const token = read.secret('prometheus-token');
  const username = read.string('prometheus-username');
  const password = read.secret('prometheus-password');
  const either = 'Give either a token or a user and password, not both.';
  read.atMostOne(['prometheus-token', 'prometheus-username'], either);
  read.allOrNone(
    ['prometheus-username', 'prometheus-password'],
    'One is empty; is a secret missing?',
  );
  if (token !== '') return { kind: 'bearer', token };
  return username === '' ? { kind: 'none' } : { kind: 'basic', username, password };
}

const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** Headers that have inputs of their own, or that HTTP itself needs as they are. */
const reserved = new Set(['authorization', 'host', 'content-length', 'content-type', 'connection']);

/** `Name: value` per line. The values may be secrets: they are not quoted. */
function readHeaders(read: InputReader): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const line of read.list('prometheus-headers')) {
    const at = line.indexOf(':');
    const name = line.slice(0, Math.max(0, at)).trim();
    const value = line.slice(at + 1).trim();
    if (!headerName.test(name) || value === '' || /[^\t\x20-\x7e]/.test(value))
      read.problem('prometheus-headers: a line is not of the form Name: value.');
    else if (reserved.has(name.toLowerCase()))
      read.problem(`prometheus-headers: ${name} is not set here; see prometheus-token.`);
    else headers[name.toLowerCase()] = value;
  }
  return headers;
}

function readTls(read: InputReader): PrometheusInputs['prometheusTls'] {
  const tls = {
    ca: read.document('prometheus-ca'),
    cert: read.document('prometheus-client-cert'),
    key: read.secret('prometheus-client-key'),
  };
  read.allOrNone(
    ['prometheus-client-cert', 'prometheus-client-key'],
    'A certificate is of no use without its key.',
  );
  for (const [name, text] of [
    ['prometheus-ca', tls.ca],
    ['prometheus-client-cert', tls.cert],
    ['prometheus-client-key', tls.key],
  ] as const)
    if (text !== '' && !text.includes('-----BEGIN '))
      read.problem(`${name}: is not PEM; give the text that begins with -----BEGIN.`);
  return tls;
}

function readErrorShare(read: InputReader): NonNullable<MetricsRequest['errorShare']> {
  const metric = read.string('requests-metric', {
    pattern: /^[a-zA-Z_:][\w:]*$/,
    expected: 'the name of a counter',
  });
  const codeLabel = read.string('code-label', {
    pattern: /^[a-zA-Z_]\w*$/,
    expected: 'the name of a label',
  });
  const badCodes = read.list('bad-codes', { default: ['5xx'] });
  for (const code of badCodes)
    if (!isCodePattern(code))
      read.problem(
        `bad-codes: ${quoted(code)} is no code; write 5xx, 429 or the name of a gRPC code, one per line.`,
      );
  const share = read.share('max-error-share', { default: 0.1 });
  const must = { operator: '<', limit: share, text: `< ${share}` } as const;
  return { metric, codeLabel, badCodes, must };
}

/** Rules over several of these inputs. */
function checkTogether(read: InputReader, inputs: PrometheusInputs): void {
  const { prometheus, assertions, prometheusAuth, prometheusTls } = inputs;
  if (assertions.some(({ name }) => [errorShareName, 'up', 'latency'].includes(name)))
    read.problem(
      'assertions: the names "up", "error share" and "latency" are those of built-in assertions.',
    );
  if (prometheus.kind === 'none' && assertions.length > 0)
    read.problem('assertions: need prometheus-url; is a variable missing?');
  const signs = inputs.prometheusSigv4Region !== '';
  if (signs && prometheusAuth.kind !== 'none')
    read.problem('prometheus-sigv4-region: a signed request takes no token and no password.');
  const own =
    signs || prometheusAuth.kind !== 'none' || Object.values(prometheusTls).join('') !== '';
  if (prometheus.kind === 'service' && own)
    read.problem(
      'prometheus-url: through the API server only its own credentials can be sent; leave prometheus-token, prometheus-username, prometheus-sigv4-region and the certificates empty.',
    );
}

/** Reads and checks the inputs about Prometheus. */
export function readPrometheus(read: InputReader): PrometheusInputs {
  const builtIn = read.list('built-in', {
    default: ['up', 'error-share'],
    values: ['up', 'error-share', 'none'],
  });
  const errorShare = readErrorShare(read);
  const latency = read.parsed('max-latency', parseMaxLatency, { default: undefined });
  const inputs: PrometheusInputs = {
    prometheus: readPlace(read),
    prometheusAuth: readAuth(read),
    prometheusHeaders: readHeaders(read),
    prometheusSigv4Region: read.string('prometheus-sigv4-region', {
      pattern: /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/,
      expected: 'a region of AWS, as eu-west-1',
    }),
    prometheusTls: readTls(read),
    up: builtIn.includes('up'),
    errorShare: builtIn.includes('error-share') ? errorShare : undefined,
    maxErrorShare: errorShare.must.limit,
    maxLatency: latency,
    assertions: read.parsed('assertions', parseAssertions, { default: [] }),
  };
  checkTogether(read, inputs);
  return inputs;
}
