/** What each package may import of the others. One way; a cycle cannot be written down here. */
export const layers = {
  runtime: [],
  http: ['runtime'],
  yaml: ['runtime'],
  glob: ['runtime'],
  exec: ['runtime'],
  report: ['runtime'],
  archive: ['runtime'],
  cache: ['runtime', 'exec', 'glob'],
  go: ['runtime', 'exec', 'glob', 'http', 'archive'],
  artifact: ['runtime', 'exec', 'http', 'archive'],
  kube: ['runtime', 'exec', 'http', 'yaml'],
  prometheus: ['runtime', 'http'],
  rollout: ['runtime', 'kube'],
  health: ['runtime', 'kube', 'prometheus', 'rollout', 'yaml'],
  helm: ['runtime', 'exec', 'http', 'archive', 'kube', 'rollout', 'yaml'],
  fleet: ['runtime', 'yaml'],
  release: ['runtime', 'exec', 'fleet', 'glob', 'go', 'yaml'],
  github: ['runtime', 'http'],
  testing: ['runtime', 'exec', 'http', 'kube', 'yaml'],
};

/** Packages with one importer, so that what they bring can be judged in one place. */
export const soleImporters = {
  '@actions/cache': 'cache',
  '@actions/core': 'runtime',
  '@actions/github': 'github',
  '@actions/tool-cache': 'go',
  zod: 'fleet',
  undici: 'http',
  aws4fetch: 'prometheus',
  'js-yaml': 'yaml',
  minimatch: 'glob',
};

/**
 * The folders of a package that has them, and which of its own folders each may import. A folder is
 * entered through its index.ts alone; files directly in `src` may import every folder and none imports them.
 */
export const folders = {
  runtime: {
    port: [],
    error: [],
    text: ['port'],
    time: ['port', 'text'],
    input: ['error', 'text'],
    runner: ['error', 'input', 'port', 'text', 'time'],
  },
  artifact: {
    file: [],
    program: ['file'],
    registry: ['file'],
    image: ['file', 'registry'],
  },
  cache: {
    'file-times': [],
    layer: [],
    transfer: [],
    worth: [],
    pack: ['layer'],
  },
  go: {
    module: [],
    version: ['module'],
    toolchain: ['version'],
    access: [],
    target: [],
    graph: ['module'],
    build: ['graph', 'target'],
    test: ['build', 'graph'],
  },
  release: {
    deployed: ['service'],
    event: [],
    service: [],
  },
  kube: {
    config: [],
    message: [],
    client: ['config', 'message'],
    workload: ['client'],
    causes: ['client', 'workload'],
  },
  rollout: {
    history: [],
    judge: ['history'],
    follow: ['history', 'judge'],
  },
  health: {
    judge: [],
    findings: ['judge'],
    observe: ['findings', 'judge'],
    certificate: ['judge'],
    lint: ['judge'],
    backtest: ['judge', 'lint', 'observe'],
  },
  fleet: {
    schema: [],
  },
  testing: {
    port: [],
    github: [],
    kube: ['port'],
  },
  helm: {
    tool: [],
    chart: ['tool'],
    merge: [],
    values: [],
    release: ['merge', 'tool'],
    held: ['release', 'tool'],
    fingerprint: ['chart', 'release', 'tool'],
    diff: ['merge', 'release', 'values'],
    rollout: ['release'],
    source: ['release', 'tool'],
    rollback: ['release', 'rollout', 'tool'],
    upgrade: [
      'diff',
      'fingerprint',
      'held',
      'merge',
      'release',
      'rollback',
      'rollout',
      'source',
      'tool',
      'values',
    ],
  },
};
