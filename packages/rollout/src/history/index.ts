export { slimPod, slimSpec, type Observation, type PodChange } from './observation.ts';
export {
  recordPod,
  restartsOf,
  type ContainerEnd,
  type PodHistory,
  type PodRecord,
} from './pod-history.ts';
