export { createProbeCheck } from './probe-check.ts';
export type { ProbeRequest } from './probe-target.ts';
export { countSentRequests, type SentRequests } from './sent-requests.ts';
