import type {
  CoreV1Event,
  EventsV1Event,
  V1ControllerRevision,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Job,
  V1ObjectMeta,
  V1Pod,
  V1ReplicaSet,
  V1Service,
  V1StatefulSet,
} from '@kubernetes/client-node';

/** A type of the Kubernetes client as it is in JSON: times are texts. */
export type FromJson<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? FromJson<Item>[]
    : T extends object
      ? { [Key in keyof T]: FromJson<T[Key]> }
      : T;

export type ObjectMeta = FromJson<V1ObjectMeta>;
export type Pod = FromJson<V1Pod>;
export type Deployment = FromJson<V1Deployment>;
export type ReplicaSet = FromJson<V1ReplicaSet>;
export type StatefulSet = FromJson<V1StatefulSet>;
export type DaemonSet = FromJson<V1DaemonSet>;
export type Job = FromJson<V1Job>;
export type ControllerRevision = FromJson<V1ControllerRevision>;
export type Service = FromJson<V1Service>;
export type EndpointSlice = FromJson<V1EndpointSlice>;
export type CoreEvent = FromJson<CoreV1Event>;
export type SeriesEvent = FromJson<EventsV1Event>;

/** Any object of the API. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}
