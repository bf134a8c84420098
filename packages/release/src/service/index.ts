export { modulePlace } from './go-place.ts';
export { serviceFiles, serviceFolders, type Repository } from './repository.ts';
export type { Service } from './service.ts';
export { discoverServices, type Discovery, type ServiceSelection } from './service-discovery.ts';
export { isTarget, type ServiceSettings } from './service-settings.ts';
