import { describe, expect, test } from '@jest/globals';
import { parseTraffic, safeOperations } from '../../src/index.ts';

describe('a line of traffic', () => {
  test.each([
    ['/orders', { path: '/orders', headers: [], expected: [[200, 399]] }],
    ['GET /orders?limit=1', { path: '/orders?limit=1', headers: [], expected: [[200, 399]] }],
    [
      '/orders/0 => 200,404 | Accept: text/plain | X-Tenant: a|b',
      {
        path: '/orders/0',
        headers: [
          ['Accept', 'text/plain'],
          ['X-Tenant', 'a|b'],
        ],
        expected: [
          [200, 200],
          [404, 404],
        ],
      },
    ],
    ['/teapot => 2xx', { path: '/teapot', headers: [], expected: [[200, 299]] }],
  ])('%s is read', (line, request) => {
    expect(parseTraffic(line)).toEqual(request);
  });

  test.each([
    ['orders', /is no path/],
    ['POST /orders', /is no path/],
    ['/a/../../b', /is no path/],
    ['/orders => ok', /"ok" is no status/],
    ['/orders => 700', /"700" is no status/],
    ['/orders | Authorization s3cret', /a header, written as Name: value/],
    ['/orders | X: a\rY: b', /a header/],
  ])('%s is refused', (line, message) => {
    expect(() => parseTraffic(line)).toThrow(message);
  });

  test('is never quoted where it may hold a secret', () => {
    expect(() => parseTraffic('/orders | Authorization s3cret')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    );
  });
});

const document = `
openapi: 3.1.0
servers: [{ url: 'https://api.example.com/v1/' }]
paths:
  /orders:
    parameters: [{ $ref: '#/components/parameters/Tenant' }]
    get:
      parameters:
        - { name: limit, in: query, required: true, schema: { type: integer, default: 5 } }
        - { name: cursor, in: query, schema: { type: string } }
      responses: { '200': {}, '404': {}, '503': {}, 4XX: {} }
    post: {}
  /orders/{id}: { get: { responses: {} } }
  /search:
    get: { parameters: [{ name: q, in: query, required: true, schema: { type: string } }] }
  /me: { get: { security: [{ login: [] }] } }
  /public: { get: { security: [{}, { login: [] }] } }
  /upload: { post: {} }
components:
  parameters:
    Tenant: { name: X-Tenant, in: header, required: true, example: acme }
`;

describe('the safe operations of an OpenAPI document', () => {
  test('are those that can be asked with what it says itself', () => {
    expect(safeOperations(document, 'openapi.yaml')).toEqual([
      {
        path: '/v1/orders?limit=5',
        headers: [['X-Tenant', 'acme']],
        expected: [
          [200, 399],
          [200, 200],
          [404, 404],
          [400, 499],
        ],
      },
      { path: '/v1/public', headers: [], expected: [[200, 399]] },
    ]);
  });

  test('are refused of what is no such document', () => {
    expect(() => safeOperations('swagger: "2.0"', 'api.yaml')).toThrow(
      'api.yaml is no OpenAPI 3 document',
    );
    expect(() => safeOperations('{', 'api.yaml')).toThrow(/api\.yaml/);
  });

  test('of a document that refers to itself or to nothing are none', () => {
    const odd = `
openapi: 3.0.0
paths:
  /a: { $ref: '#/paths/~1a' }
  /b: { $ref: 'other.yaml#/b' }
  /c: { get: { parameters: [{ $ref: '#/nowhere' }] } }
  /d: 7
`;
    expect(safeOperations(odd, 'odd.yaml').map(({ path }) => path)).toEqual(['/c']);
  });
});
