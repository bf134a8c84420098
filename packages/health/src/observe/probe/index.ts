export { requestAsKubelet } from './kubelet-request.ts';
export { type Connect, connectTo, ForwardRefusal } from './pod-connection.ts';
export { createProbeCheck, probeFindings, type ProbesSeen } from './probe-check.ts';
export { type ProbeRequest, probeTargets } from './probe-target.ts';
export { countSentRequests, type SentRequests } from './sent-requests.ts';
export { findWays, type WaysIntoPods } from './ways-into-pods.ts';
