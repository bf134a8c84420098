import { chandlery } from './chandlery.ts';
import { codeChanges } from './code-changes.ts';
import { dependencyChanges } from './dependency-changes.ts';
import { fileChanges } from './file-changes.ts';
import { harbour } from './harbour.ts';
import type { Change, SampleRepository } from './repository.ts';
import { workshop } from './workshop.ts';
import { workspaceChanges } from './workspace-changes.ts';

export { publishedModules } from './published.ts';
export {
  edited,
  servicesOf,
  type Change,
  type Files,
  type SampleRepository,
  type SampleService,
} from './repository.ts';

/** The repositories that the changes are made to. */
export const repositories: readonly SampleRepository[] = [harbour, workshop, chandlery];

/** All changes; each stands alone, on top of its repository. */
export const changes: readonly Change[] = [
  ...codeChanges,
  ...fileChanges,
  ...dependencyChanges,
  ...workspaceChanges,
];
