import { describe, expect, test } from '@jest/globals';
import { describeCounter, findRequestCounters, isBadCode, isRefusal } from '../src/index.ts';

const target = new Set(['__name__', 'job', 'instance', 'pod', 'namespace', 'endpoint']);
const of = (name: string, labels: Record<string, string>) => ({
  ...{ __name__: name, job: 'a', instance: '10.0.0.7:8080', pod: 'api-1', endpoint: 'http' },
  ...labels,
});

describe('the counter of requests', () => {
  test.each<[string, string, Record<string, string>, string, string | undefined]>([
    ['promhttp', 'http_requests_total', { code: '200', method: 'get' }, 'code', undefined],
    ['another label', 'http_requests_total', { status: '200', path: '/x' }, 'status', 'path'],
    ['gin', 'gin_requests_total', { code: '200', handler: 'main.x' }, 'code', 'handler'],
    ['echo', 'echo_requests_total', { code: '200', url: '/x' }, 'code', 'url'],
    [
      'OpenTelemetry',
      'http_server_request_duration_seconds_count',
      { http_response_status_code: '200', http_route: '/x/:id' },
      'http_response_status_code',
      'http_route',
    ],
    [
      'grpc-go',
      'grpc_server_handled_total',
      { grpc_code: 'OK', grpc_service: 'a.B' },
      'grpc_code',
      'grpc_service',
    ],
    [
      'Istio',
      'istio_requests_total',
      { response_code: '200', reporter: 'destination' },
      'response_code',
      undefined,
    ],
    [
      'nginx ingress',
      'nginx_ingress_controller_requests',
      { status: '200', path: '/x' },
      'status',
      'path',
    ],
    [
      'nobody we know',
      'shop_http_responses_total',
      { status_code: '200', route: '/x' },
      'status_code',
      'route',
    ],
  ])('of %s is found with its labels', (_, metric, labels, code, route) => {
    expect(findRequestCounters([of('up', {}), of(metric, labels)], target)).toMatchObject([
      { metric, code, route },
    ]);
  });

  test('is neither that of scrapes, nor of calls to others, nor one without a code', () => {
    const none = [
      of('promhttp_metric_handler_requests_total', { code: '200' }),
      of('rest_client_requests_total', { code: '200' }),
      of('orders_total', { code: '200' }),
      of('http_requests_total', { method: 'get' }),
    ];
    expect(findRequestCounters(none, target)).toEqual([]);
  });

  test('is the service’s own before its sidecar’s, and one of each protocol', () => {
    const all = [
      of('istio_requests_total', { response_code: '200' }),
      of('grpc_server_handled_total', { grpc_code: 'OK' }),
      of('http_requests_total', { code: '200' }),
      of('http_request_duration_seconds_count', { code: '200' }),
    ];
    expect(findRequestCounters(all, target).map(({ metric }) => metric)).toEqual([
      'http_requests_total',
      'grpc_server_handled_total',
    ]);
  });

  test('of Istio counts what came in only', () => {
    const [counter] = findRequestCounters(
      [of('istio_requests_total', { response_code: '200' })],
      target,
    );
    expect(counter?.only).toBe('reporter="destination"');
  });

  test('takes no label for the route that scraping adds', () => {
    const [counter] = findRequestCounters([of('http_requests_total', { code: '200' })], target);
    expect(counter?.route).toBeUndefined();
  });

  test('that the user names is described by its labels', () => {
    const series = [of('shop_answers', { status: '200', route: '/x' })];
    expect(describeCounter('shop_answers', series, target)).toMatchObject({
      code: 'status',
      route: 'route',
    });
    expect(describeCounter('unknown', series, target)).toBeUndefined();
  });
});

describe('of several counters of the service', () => {
  const labelled = (name: string, labels: Readonly<Record<string, string>>) => ({
    __name__: name,
    pod: 'api-1',
    ...labels,
  });
  const plainCounter = labelled('http_requests_total', { status: '200' });
  const found = (...series: Readonly<Record<string, string>>[]) =>
    findRequestCounters(series, new Set(['pod'])).map(({ metric }) => metric);

  test('the one that knows the route is taken, as podinfo has it in its histogram', () => {
    const histogram = labelled('http_request_duration_seconds_count', {
      status: '200',
      path: 'version',
    });
    expect(found(plainCounter, histogram)).toEqual(['http_request_duration_seconds_count']);
    const routeless = labelled('http_request_duration_seconds_count', { status: '200' });
    expect(found(plainCounter, routeless)).toEqual(['http_requests_total']);
  });

  test('a proxy’s is taken for none of them, whatever it knows', () => {
    const mesh = labelled('istio_requests_total', {
      response_code: '200',
      request_operation: '/orders',
      reporter: 'destination',
    });
    expect(found(mesh, plainCounter)).toEqual(['http_requests_total']);
  });
});

describe('a code', () => {
  test.each<[string, string[], 'http' | 'grpc', boolean]>([
    ['500', ['5xx'], 'http', true],
    ['5xx', ['5xx'], 'http', true],
    ['404', ['5xx'], 'http', false],
    ['429', ['5xx', '429'], 'http', true],
    ['5', ['5xx'], 'http', false],
    ['Unavailable', ['5xx'], 'grpc', true],
    ['UNAVAILABLE', ['5xx'], 'grpc', true],
    ['14', ['5xx'], 'grpc', true],
    ['NotFound', ['5xx'], 'grpc', false],
    ['NotFound', ['5xx', 'NotFound'], 'grpc', true],
    ['OK', ['5xx'], 'grpc', false],
  ])('%s is bad by %j of %s: %s', (code, bad, protocol, expected) => {
    expect(isBadCode(code, bad, protocol)).toBe(expected);
  });

  test.each<[string, 'http' | 'grpc', boolean]>([
    ['404', 'http', true],
    ['200', 'http', false],
    ['NotFound', 'grpc', true],
    ['OK', 'grpc', false],
    ['Internal', 'grpc', false],
  ])('%s of %s refuses: %s', (code, protocol, expected) => {
    expect(isRefusal(code, protocol)).toBe(expected);
  });
});
