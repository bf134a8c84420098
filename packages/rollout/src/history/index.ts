export type { Maker, Observation, PodChange } from './observation.ts';
export {
  recordPod,
  restartsOf,
  type ContainerEnd,
  type PodHistory,
  type PodRecord,
} from './pod-history.ts';
export { livePod, slimPod, slimTemplate } from './slim-pod.ts';
