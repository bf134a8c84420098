export { trafficFindings } from './traffic-findings.ts';
export { slowUnits, trafficLatencyName } from './traffic-latency.ts';
export type { TrafficSeen, TrafficUnit } from './traffic-seen.ts';
