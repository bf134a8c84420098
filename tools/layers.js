/** What each package may import of the others. One way; a cycle cannot be written down here. */
export const layers = {
  runtime: [],
  http: ['runtime'],
  exec: ['runtime'],
  report: ['runtime'],
  cache: ['runtime', 'exec', 'http'],
  go: ['runtime', 'exec', 'http'],
  artifact: ['runtime', 'exec', 'http'],
  kube: ['runtime', 'exec', 'http'],
  prometheus: ['runtime', 'http'],
  health: ['runtime', 'kube', 'prometheus'],
  helm: ['runtime', 'exec', 'http', 'kube'],
  release: ['runtime', 'exec', 'go'],
  testing: ['runtime', 'exec', 'http'],
};

/** Packages with one importer, so that what they bring can be judged in one place. */
export const soleImporters = {
  '@actions/core': 'runtime',
  undici: 'http',
};
