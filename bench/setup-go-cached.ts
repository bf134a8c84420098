import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { runBundle, type BundleResult } from '../packages/testing/src/index.ts';
import { startCacheService, type CacheServer } from '../test/lab/cache-service/index.ts';

const execute = promisify(execFile);
const goVersion = '1.26.8';
/** Without the machine's own Go, which would hide the tool cache. */
const plainPath = [path.dirname(process.execPath), '/usr/bin', '/bin'].join(':');
const blobHost = 'slipway.blob.core.windows.net';

/** Published programs of moderate size: few and many dependencies. */
const programs = [
  { module: 'github.com/rhysd/actionlint', version: 'v1.7.12', command: './cmd/actionlint' },
  { module: 'github.com/google/go-containerregistry', version: 'v0.20.6', command: './cmd/crane' },
];

/** What happens between the run that saved and the run that is measured. */
const scenarios = ['same commit', 'one source file edited', 'go.mod edited'] as const;
type Scenario = (typeof scenarios)[number];

interface Sample {
  program: string;
  scenario: Scenario | 'cold';
  peer: string;
  mainMs: number;
  buildMs: number;
  postMs: number;
}

interface Peer {
  name: string;
  main: string | undefined;
  post: string | undefined;
  inputs: Record<string, string>;
}

function peers(): Peer[] {
  const own: Peer = {
    ...{ name: 'setup-go-cached', main: undefined, post: undefined },
    inputs: { 'go-version': goVersion },
  };
  const folder = process.env['SETUP_GO'];
  if (folder === undefined) {
    console.log(
      'Without SETUP_GO=<checkout of actions/setup-go> only our own bundle is measured.\n',
    );
    return [own];
  }
  return [
    own,
    {
      name: 'actions/setup-go',
      main: path.join(folder, 'dist', 'setup', 'index.js'),
      post: path.join(folder, 'dist', 'cache-save', 'index.js'),
      inputs: { 'go-version': goVersion, cache: 'true', 'check-latest': 'false' },
    },
  ];
}

/** One job: a wiped home, main, go build, post. */
async function job(
  peer: Peer,
  server: CacheServer,
  scratch: string,
  workspace: string,
  command: string,
): Promise<Omit<Sample, 'program' | 'scenario' | 'peer'>> {
  const home = path.join(scratch, 'home');
  await execute('chmod', ['-R', 'u+w', home]).catch(() => undefined);
  await fs.rm(home, { recursive: true, force: true });
  // A program that is still there would spare the next job the linking.
  await fs.rm(path.join(scratch, 'program'), { force: true });
  const common = {
    ...{ action: 'setup-go-cached', scratch, workspace, timeoutMs: 600_000 },
    env: {
      ...server.environment(server.runtimeToken(`refs/heads/${peer.name}`)),
      PATH: plainPath,
      NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'],
      NODE_OPTIONS: `--require ${path.join(scratch, 'blob-host.cjs')}`,
      RUNNER_DEBUG: undefined,
      // As on GitHub's own image; without it setup-go writes "undefined" into its key.
      ImageOS: 'ubuntu24',
    },
  };
  const main = await runBundle({
    ...common,
    inputs: peer.inputs,
    ...(peer.main === undefined ? {} : { entry: peer.main }),
  });
  expectSuccess(peer, main);
  const started = performance.now();
  await execute('go', ['build', '-o', path.join(scratch, 'program'), command], {
    cwd: workspace,
    env: {
      ...{ HOME: home, SSL_CERT_FILE: process.env['SSL_CERT_FILE'], GOFLAGS: '-buildvcs=false' },
      ...main.exportedEnv,
      PATH: [...main.path, '/usr/bin', '/bin'].join(':'),
    },
  });
  const buildMs = performance.now() - started;
  const post = await runBundle({
    ...common,
    env: { ...common.env, PATH: [...main.path, plainPath].join(':') },
    ...{ phase: 'post' as const, after: main },
    ...(peer.post === undefined ? {} : { entry: peer.post, inputs: peer.inputs }),
  });
  expectSuccess(peer, post);
  return { mainMs: main.durationMs, buildMs, postMs: post.durationMs };
}

function expectSuccess(peer: Peer, result: BundleResult): void {
  if (result.exitCode !== 0) throw new Error(`${peer.name} failed:\n${result.stdout}`);
}

/** The program's sources in a folder that may be edited. */
async function checkOut(
  program: (typeof programs)[number],
  scratch: string,
): Promise<{ workspace: string; edit: (scenario: Scenario) => Promise<void> }> {
  const { stdout } = await execute('go', [
    ...['mod', 'download', '-json'],
    `${program.module}@${program.version}`,
  ]);
  const workspace = path.join(scratch, 'checkout', path.basename(program.module));
  await fs.cp((JSON.parse(stdout) as { Dir: string }).Dir, workspace, { recursive: true });
  await execute('chmod', ['-R', 'u+w', workspace]);
  let edits = 0;
  const append = (file: string): Promise<void> => {
    edits += 1;
    return fs.appendFile(path.join(workspace, file), `\n// edit ${edits}\n`);
  };
  const edit = async (scenario: Scenario): Promise<void> => {
    const main = path.join(program.command, 'main.go');
    if (scenario === 'one source file edited') await append(main);
    // Enough to change the hash of go.mod, as any bump of a dependency does.
    if (scenario === 'go.mod edited') await append('go.mod');
  };
  return { workspace, edit };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const total = ({ mainMs, buildMs, postMs }: Sample): number => mainMs + buildMs + postMs;

function summarize(samples: readonly Sample[]) {
  const pick = (program: string, scenario: Sample['scenario'], peer: string): Sample[] =>
    samples.filter(
      (one) => one.program === program && one.scenario === scenario && one.peer === peer,
    );
  return [...new Set(samples.map(({ program }) => program))].flatMap((program) =>
    scenarios.map((scenario) => {
      const of = (peer: string): number => median(pick(program, scenario, peer).map(total));
      const cold = median(
        samples
          .filter((one) => one.program === program && one.scenario === 'cold')
          .map(({ mainMs, buildMs }) => mainMs + buildMs),
      );
      return {
        ...{ program, scenario },
        totalRatioToSetupGo: of('setup-go-cached') / of('actions/setup-go'),
        totalRatioToNoCache: of('setup-go-cached') / cold,
        setupGoRatioToNoCache: of('actions/setup-go') / cold,
      };
    }),
  );
}

/**
 * Compares setup-go-cached with the published bundle of actions/setup-go (`SETUP_GO` names a checkout),
 * interleaved on the same cache service: main, go build and post of two published programs. Both find
 * the toolchain in the tool cache; the service limits both to the same link. Arguments: rounds, programs.
 */
export async function run(args: readonly string[] = []): Promise<void> {
  const [rounds = 3, programCount = programs.length] = args.map(Number);
  const scratch = await fs.mkdtemp(path.join(tmpdir(), 'slipway-bench-'));
  const link = { downloadBytesPerSecond: 100e6, uploadBytesPerSecond: 100e6, latencyMs: 20 };
  const server = await startCacheService({ ...link, blobHost });
  // The toolkit downloads in parallel from names under this domain only.
  await fs.writeFile(
    path.join(scratch, 'blob-host.cjs'),
    `const dns = require('node:dns'); const real = dns.lookup;
dns.lookup = (name, ...rest) => real(name === '${blobHost}' ? '127.0.0.1' : name, ...rest);\n`,
  );
  const samples: Sample[] = [];
  const loads: number[] = [];
  const measure = async (
    peer: Peer,
    program: (typeof programs)[number],
    scenario: Sample['scenario'],
    workspace: string,
  ): Promise<void> => {
    const times = await job(peer, server, scratch, workspace, program.command);
    loads.push(loadavg()[0] ?? 0);
    const sample = { program: program.module, scenario, peer: peer.name, ...times };
    samples.push(sample);
    const [main, build, post] = [times.mainMs, times.buildMs, times.postMs].map((ms) =>
      (ms / 1000).toFixed(1),
    );
    console.log(
      `${program.module}  ${scenario}  ${peer.name}: main ${main} s, build ${build} s, post ${post} s`,
    );
  };
  /** After each program, so that an interrupted run leaves what it has. */
  const write = async (): Promise<void> => {
    const stored: Record<string, number> = {};
    for (const { scope, size } of server.stats().entries)
      stored[scope] = (stored[scope] ?? 0) + size;
    const results = {
      ...{ rounds, link, cores: availableParallelism(), loadAverage: median(loads) },
      ...{ node: process.version, go: goVersion, storedBytes: stored },
      cacheClient: '`@actions/cache`',
      ...{ ratios: summarize(samples), samples },
    };
    const file = path.join(import.meta.dirname, 'results', 'setup-go-cached.json');
    await fs.writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  };
  try {
    const all = peers();
    const [own] = all;
    if (own === undefined) return;
    await runBundle({
      ...{ action: 'setup-go-cached', scratch, inputs: { ...own.inputs, cache: 'false' } },
      env: { PATH: plainPath, NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'] },
      timeoutMs: 600_000,
    }).then((result) => expectSuccess(own, result));
    for (const program of programs.slice(0, programCount)) {
      const { workspace, edit } = await checkOut(program, scratch);
      for (const peer of all) {
        const before = server.stats().entries.length;
        await measure(peer, program, 'cold', workspace);
        if (server.stats().entries.length === before)
          throw new Error(
            `${peer.name} saved nothing after a cold run: the comparison would be unfair.`,
          );
      }
      for (let round = 0; round < rounds; round += 1)
        for (const scenario of scenarios) {
          await edit(scenario);
          const order = round % 2 === 0 ? all : [...all].reverse();
          for (const peer of order) await measure(peer, program, scenario, workspace);
        }
      await write();
    }
    console.table(summarize(samples));
  } finally {
    await server.close();
    await execute('chmod', ['-R', 'u+w', scratch]).catch(() => undefined);
    await fs.rm(scratch, { recursive: true, force: true });
  }
}
