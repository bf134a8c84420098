export type { Query, ResourceList } from './calls.ts';
export { type Access, mayAccess } from './access.ts';
export { type KubeEvent, readEvents } from './events.ts';
export { type Change, followObjects } from './follow.ts';
export { feedObjects, type ObjectFeed } from './object-feed.ts';
export {
  createKubeClient,
  type KubeClient,
  type KubeClientOptions,
  type ObjectState,
} from './kube-client.ts';
export { isKubeStatus, KubeError, type KubeStatus } from './kube-error.ts';
export { type LabelSelector, selectorText } from './label-selector.ts';
export type {
  ControllerRevision,
  CoreEvent,
  DaemonSet,
  Deployment,
  EndpointSlice,
  FromJson,
  Job,
  KubeObject,
  ObjectMeta,
  Pod,
  ReplicaSet,
  Service,
  SeriesEvent,
  StatefulSet,
} from './objects.ts';
export { plainLog, readLogTail } from './pod-log.ts';
export type { PodProxyRequest, PodProxyResponse } from './pod-proxy.ts';
export { PortForwardError } from './forward/forwarded-stream.ts';
export type { PortForward, PortForwardRequest } from './forward/port-forward.ts';
export type { Relay, RelayAnswer, RelayedRequest, RelayRule } from './relay.ts';
export type { ServicePort } from './service-proxy.ts';
export type { WatchEvent } from './watch.ts';
