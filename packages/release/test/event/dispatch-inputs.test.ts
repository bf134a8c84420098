import { describe, expect, it } from '@jest/globals';
import { askedServices, dispatchInputs } from '../../src/event/dispatch-inputs.ts';

const sent = (payload: unknown) =>
  dispatchInputs('repository_dispatch', { client_payload: payload });
const form = (inputs: unknown) => dispatchInputs('workflow_dispatch', { inputs });

describe('the inputs of a dispatch', () => {
  it.each<[unknown, object]>([
    [null, {}],
    [{}, {}],
    [{ services: '', environment: '' }, {}],
    [
      { services: 'api, ledger', environment: 'qa', dry: true, list: [1] },
      { services: 'api, ledger', environment: 'qa' },
    ],
    [{ service: 'api' }, { services: 'api' }],
    [{ service: 'api', services: '' }, { services: 'api' }],
    [{ service: 'api', services: 'api' }, { services: 'api' }],
    [{ server: 'x', version: '1', environ: 'x', serve: 'x' }, {}],
  ])('%j are %j', (given, expected) => {
    expect(sent(given)).toEqual(expected);
    expect(form(given)).toEqual(expected);
  });

  it.each<[unknown, RegExp]>([
    [{ services: ['api'] }, /client_payload.services .* is a list where text is expected/],
    [{ services: { api: true } }, /services .* is an object where text/],
    [{ services: null }, /services .* is null where text/],
    [{ services: false }, /services .* is a boolean where text/],
    [{ service: 7 }, /client_payload.service .* is a number where text/],
    [{ environment: ['qa'] }, /client_payload.environment .* is a list/],
    [{ Services: 'api' }, /has "Services", which is unknown and looks like services/],
    [{ sevices: 'api' }, /"sevices", which is unknown and looks like services/],
    [{ servcies: 'api' }, /"servcies", .* looks like services/],
    [{ environments: 'qa' }, /"environments", .* looks like environment/],
    [{ service: 'api', services: 'ledger' }, /has service "api" and services "ledger"/],
    [['api'], /client_payload of the event repository_dispatch is a list/],
    ['api', /client_payload of the event repository_dispatch is a string/],
  ])('%j are refused and never mean every service', (given, message) => {
    expect(() => sent(given)).toThrow(message);
  });

  it('of another event are none', () => {
    expect(dispatchInputs('schedule', { inputs: { services: 'api' } })).toEqual({});
  });

  it('name services with blanks, commas or lines between them', () => {
    expect(askedServices({ services: ' api,ledger\nweb ' })).toEqual(['api', 'ledger', 'web']);
    expect(askedServices({})).toBeUndefined();
  });

  it.each([' ', ',', ' ,\n'])('that hold only %j are refused', (services) => {
    expect(() => askedServices({ services })).toThrow(/names no service/);
  });
});
