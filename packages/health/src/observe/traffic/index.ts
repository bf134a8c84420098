export { safeOperations } from './openapi-operations.ts';
export { createTrafficCheck, type TrafficPlan } from './traffic-check.ts';
export { parseTraffic, type TrafficRequest } from './traffic-request.ts';
