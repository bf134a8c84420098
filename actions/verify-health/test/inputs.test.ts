import { describe, expect, test } from '@jest/globals';
import { InputError, readRunnerEnvironment } from '@slipway/runtime';
import { inputValues } from '@slipway/testing';
import { parseInputs } from '../src/inputs.ts';

const runner = readRunnerEnvironment({ GITHUB_WORKSPACE: '/repo' }, 'linux');
const parse = (values: Record<string, string>) =>
  parseInputs(inputValues({ workload: 'deployment/api', ...values }), runner);

describe('the inputs', () => {
  test('need only a workload', () => {
    expect(parse({ 'built-in': 'up\nerror-share', probes: 'auto' })).toMatchObject({
      workload: { kind: 'deployment', name: 'api', namespace: '' },
      probes: 'auto',
      probePort: undefined,
      probeScheme: undefined,
      prometheus: { kind: 'none' },
      prometheusAuth: { kind: 'none' },
      up: true,
      minSoakMs: 30_000,
      deadlineMs: 300_000,
      onUnhealthy: 'fail',
    });
  });

  test('name images by their digests, one for each line', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const { images } = parse({ image: `ghcr.io/acme/api@${digest}\nproxy:1@${digest}` });
    expect(images).toEqual([
      { name: 'ghcr.io/acme/api', digest },
      { name: 'proxy:1', digest },
    ]);
    expect(parse({}).images).toEqual([]);
  });

  test('take lines of traffic, headers and images from settings and from the step', () => {
    const image = (name: string) => `ghcr.io/acme/${name}@sha256:${'a'.repeat(64)}`;
    const settings = JSON.stringify({
      ...{ 'prometheus-headers': 'X-Scope-OrgID: acme', image: image('proxy'), probes: '/ready' },
      traffic: '/orders => 200',
    });
    const inputs = parse({
      ...{ settings, 'prometheus-headers': '\nX-Key: secret-value', image: image('api') },
      ...{ traffic: '\n/carts => 200 | Cookie: secret-cookie', probes: 'auto' },
    });
    expect(inputs.traffic.requests.map((request) => request.path)).toEqual(['/orders', '/carts']);
    expect(inputs).toMatchObject({
      prometheusHeaders: { 'x-scope-orgid': 'acme', 'x-key': 'secret-value' },
      images: [{ name: 'ghcr.io/acme/proxy' }, { name: 'ghcr.io/acme/api' }],
      probes: ['/ready'],
    });
  });

  test('take no probes for an answer, as gRPC services need', () => {
    expect([parse({ probes: '' }).probes, parse({ probes: 'none' }).probes]).toEqual(['auto', []]);
  });

  test('take requests of its own, and mask what may be secret in their headers', () => {
    const masked: string[] = [];
    const line = '/orders => 2xx | Authorization: Bearer 0123456789 | X-Tenant: acme-of-tests';
    const values = {
      workload: 'deployment/api',
      traffic: `${line}\n# none\n/`,
      'traffic-openapi': 'api.yaml',
    };
    const source = {
      ...inputValues(values),
      maskSecret: (value: string) => void masked.push(value),
    };
    expect(parseInputs(source, runner).traffic).toEqual({
      requests: [
        {
          path: '/orders',
          headers: [
            ['Authorization', 'Bearer 0123456789'],
            ['X-Tenant', 'acme-of-tests'],
          ],
          expected: [[200, 299]],
        },
        { path: '/', headers: [], expected: [[200, 399]] },
      ],
      openapi: '/repo/api.yaml',
      perSecond: 2,
    });
    expect(masked).toEqual(['0123456789']);
  });

  test('make the built-in share of the metric, the label, the codes and the limit given', () => {
    const { errorShare, assertions } = parse({
      'built-in': 'error-share',
      'requests-metric': 'orders_total',
      'code-label': 'outcome',
      'bad-codes': '5xx\n429\nUnavailable',
      'max-error-share': '0.02',
    });
    expect(assertions).toEqual([]);
    expect(errorShare).toEqual({
      ...{ metric: 'orders_total', codeLabel: 'outcome' },
      badCodes: ['5xx', '429', 'Unavailable'],
      must: { operator: '<', limit: 0.02, text: '< 0.02' },
    });
  });

  test('leave metric and label to be found, and count 5xx', () => {
    expect(parse({}).errorShare).toMatchObject({ metric: '', codeLabel: '', badCodes: ['5xx'] });
  });

  test('name a Prometheus at an address or in the cluster', () => {
    const place = (url: string) => parse({ 'prometheus-url': url }).prometheus;
    expect(place('https://prometheus.example.com/prefix')).toEqual({
      ...{ kind: 'url', url: 'https://prometheus.example.com/prefix' },
    });
    expect(place('in-cluster:monitoring/prometheus-server:9090')).toEqual({
      ...{ kind: 'service', prefix: '' },
      to: { namespace: 'monitoring', service: 'prometheus-server', port: '9090', scheme: 'http' },
    });
    expect(place('in-cluster:monitoring/https:mimir:http-metrics/prometheus')).toEqual({
      ...{ kind: 'service', prefix: '/prometheus' },
      to: { namespace: 'monitoring', service: 'mimir', port: 'http-metrics', scheme: 'https' },
    });
  });

  test('take headers, certificates and a latency', () => {
    const url = { 'prometheus-url': 'https://prometheus.example.com' };
    expect(
      parse({
        ...url,
        'prometheus-headers': 'X-Scope-OrgID: shop\n# a comment\nX-Team: a:b',
        'prometheus-client-cert': '-----BEGIN CERTIFICATE-----',
        'prometheus-client-key': '-----BEGIN PRIVATE KEY-----',
        'max-latency': 'p99.9 < 250ms',
      }),
    ).toMatchObject({
      prometheusHeaders: { 'x-scope-orgid': 'shop', 'x-team': 'a:b' },
      prometheusTls: { ca: '', cert: '-----BEGIN CERTIFICATE-----' },
      maxLatency: { share: 0.001, limitSeconds: 0.25, text: 'p99.9 < 250ms' },
    });
  });

  test('leave the built-in assertions out on demand', () => {
    expect(parse({ 'built-in': 'none' })).toMatchObject({
      up: false,
      errorShare: undefined,
    });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['no workload', { workload: '' }, /workload: a value is required/],
    ['a pod', { workload: 'pod/api' }, /write deployment\/NAME/],
    [
      'an image by its tag',
      { image: 'ghcr.io/acme/api:1' },
      /image: .*names no image by its digest/,
    ],
    ['a probe that is no path', { probes: 'readyz' }, /"readyz" is not a path/],
    ['a probe that climbs', { probes: '/a/../../secrets' }, /is not a path/],
    ['traffic that is no path', { traffic: 'orders' }, /traffic: "orders" is no path/],
    ['more traffic than is bearable', { 'traffic-rate': '1000' }, /from 1 to 50/],
    ['an OpenAPI document elsewhere', { 'traffic-openapi': '../x' }, /outside the workspace/],
    ['auto beside a path', { probes: 'auto\n/readyz' }, /auto and none stand alone/],
    ['an unknown built-in', { 'built-in': 'latency' }, /valid values: up, error-share, none/],
    [
      'a service that is not named whole',
      { 'prometheus-url': 'in-cluster:prometheus' },
      /in-cluster:NAMESPACE\/SERVICE:PORT/,
    ],
    [
      'a token for the API server’s proxy',
      { 'prometheus-url': 'in-cluster:a/b:1', 'prometheus-token': 'secret-token' },
      /only its own credentials can be sent/,
    ],
    [
      'a header without a value',
      { 'prometheus-headers': 'X-Scope-OrgID' },
      /not of the form Name: value/,
    ],
    [
      'a header that has an input',
      { 'prometheus-headers': 'Authorization: Bearer x' },
      /is not set here; see prometheus-token/,
    ],
    [
      'a certificate without its key',
      { 'prometheus-client-cert': '-----BEGIN CERTIFICATE-----' },
      /of no use without its key/,
    ],
    ['an authority that is no PEM', { 'prometheus-ca': 'ca.crt' }, /is not PEM/],
    [
      'a region that is none',
      { 'prometheus-sigv4-region': 'europe' },
      /expected a region of AWS, as eu-west-1/,
    ],
    [
      'a signature and a token',
      { 'prometheus-sigv4-region': 'eu-west-1', 'prometheus-token': 'secret-token' },
      /a signed request takes no token/,
    ],
    ['a code that is none', { 'bad-codes': '6xx' }, /"6xx" is no code/],
    [
      'a latency that nothing would tell',
      { 'max-latency': 'p99 < 250ms', 'prometheus-url': '' },
      /max-latency: needs prometheus-url, or traffic/,
    ],
    ['a latency without a percentile', { 'max-latency': '< 250ms' }, /is not a latency/],
    ['a share of 1', { 'max-error-share': '1' }, /above 0 and below 1/],
    ['a share that is no number', { 'max-error-share': 'ten' }, /above 0 and below 1/],
    ['a metric that is a query', { 'requests-metric': 'rate(x[5m])' }, /the name of a counter/],
    ['an URL of files', { 'prometheus-url': 'file:///etc/passwd' }, /not an http or https URL/],
    ['an URL with a password', { 'prometheus-url': 'https://u:p@x' }, /into their own inputs/],
    ['half of a login', { 'prometheus-username': 'u' }, /is a secret missing/],
    [
      'two logins',
      { 'prometheus-token': 't', 'prometheus-username': 'u', 'prometheus-password': 'p' },
      /not both/,
    ],
    [
      'assertions without Prometheus',
      { assertions: '- { name: a, query: up, must: "> 0" }' },
      /need prometheus-url/,
    ],
    [
      'assertions that are not YAML',
      { assertions: '[', 'prometheus-url': 'http://x' },
      /assertions: it is not valid YAML/,
    ],
    [
      'an assertion with a built-in name',
      { assertions: '- { name: up, query: up, must: "> 0" }', 'prometheus-url': 'http://x' },
      /those of built-in/,
    ],
    [
      'a deadline before the soak ends',
      { 'min-soak': '5m', deadline: '1m' },
      /later than min-soak/,
    ],
    [
      'an unknown consequence',
      { 'on-unhealthy': 'ignore' },
      /valid values: fail, rollback, report/,
    ],
    ['a release that is a flag', { release: '--debug' }, /begins with "-"/],
  ])('refuse %s', (_, values, message) => {
    expect(() => parse(values)).toThrow(InputError);
    expect(() => parse(values)).toThrow(message);
  });

  test('are all reported at once', () => {
    expect(() => parse({ workload: 'pod/x', deadline: 'soon', probes: 'x' })).toThrow(
      /workload: [\s\S]*deadline: |deadline: [\s\S]*workload: /,
    );
  });
});
