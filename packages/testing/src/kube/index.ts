export type { ApiRequest, Verb } from './api-request.ts';
export { fakeApiServer, type FakeApiServer } from './fake-api-server.ts';
export type { Fault, FaultTarget } from './faults.ts';
export { listenOnLoopback, type LoopbackApiServer } from './loopback.ts';
export type { Kind } from './kinds.ts';
export type { StoreChange, StoredObject } from './store.ts';
