import { deploymentOrder, type OrderedService } from './deployment-order.ts';
import type { Target } from './fleet.ts';

/** What is deployed at once: each of the services to each of the targets. */
export interface DeploymentStage {
  targets: readonly Target[];
  services: readonly string[];
}

/**
 * What is deployed after what: wave by wave, and in each wave the services of `due` behind those that they
 * depend on. A wave begins when all of the one before is done. Throws as `deploymentOrder` does.
 */
export function deploymentStages(
  waves: readonly (readonly Target[])[],
  services: readonly OrderedService[],
  due: readonly string[],
): readonly DeploymentStage[] {
  const groups = deploymentOrder(services, due);
  return waves.flatMap((targets) => groups.map((group) => ({ targets, services: group })));
}
