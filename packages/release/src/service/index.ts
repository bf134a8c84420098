export { goPlace, modulePlace } from './go-place.ts';
export { serviceFiles, serviceFolders, type Repository } from './repository.ts';
export { isTarget, type Service } from './service.ts';
export { discoverServices, type Discovery, type ServiceSelection } from './service-discovery.ts';
export { derivedServiceName } from './service-name.ts';
export { fleetFileNames, readOwnFile, readRootFleet } from './service-file.ts';
