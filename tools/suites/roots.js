/**
 * The folders of each kind of test, in the order in which they run: what is quick and likely to fail
 * comes first, what needs the lab last. `parts` is what the lab is made of, tested without one; `full`
 * is what takes long and seldom tells more.
 */
export const roots = {
  unit: ['packages', 'actions', 'tools'],
  contract: ['test/contract'],
  workflows: ['test/workflows'],
  parts: [
    'test/lab/build',
    'test/lab/cache-service',
    'test/lab/images',
    'test/lab/machine',
    'test/lab/places',
    'test/lab/process',
  ],
  lab: ['test/lab/cluster', 'test/lab/lifecycle', 'test/lab/shop'],
  rollout: ['test/rollout'],
  full: ['test/full'],
};
