export type { ActionInputKind } from './action-input-kind.ts';
export { actionInputs } from './action-inputs.ts';
export type { ActionInputs, ActionKey } from './action-input-schema.ts';
export { releaseKinds, weekdays, type EnvironmentText } from './environment-schema.ts';
export { fleetSchema, type FleetText } from './fleet-schema.ts';
export { jsonSchemaOf, type JsonSchema } from './json-schema.ts';
export { serviceSchema, type ServiceSettings } from './service-schema.ts';
export { mostProblems } from './strict-map.ts';
