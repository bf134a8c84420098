import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { availableParallelism, homedir, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildImage, createRegistryClient, parseImageName, pushImages } from '@slipway/artifact';
import { systemClock } from '@slipway/runtime';
import { fakeLog, node24 } from '@slipway/testing';
import { watchMemory } from '../packages/go/src/build/memory.ts';
import { copyPublishedProgram, publishedPrograms } from '../test/fixtures/published-programs.ts';
import { useLab } from '../test/lab/lab.ts';
import { ensureBundles } from '../tools/bundle/fresh-bundles.ts';
import { root } from '../tools/manifest.ts';

const execute = promisify(execFile);
const program = publishedPrograms.sh;
const targets = ['linux/amd64', 'linux/arm64', 'darwin/arm64', 'windows/amd64'];
const imageTargets = targets.filter((target) => target.startsWith('linux/'));
const marker = 'SLIPWAY_BENCH';

type Job = 'programs' | 'images';
type Cache = 'empty' | 'new commit';

interface Arm {
  name: string;
  job: Job;
  version: string;
  /** Files, arguments and environment of one run in `folder`; output must go to `out`. */
  command: (
    folder: string,
    out: string,
  ) => {
    file: string;
    args: string[];
    env: Record<string, string>;
  };
}

interface Sample {
  arm: string;
  job: Job;
  cache: Cache;
  wallMs: number;
  cpuMs: number | undefined;
  peakBytes: number | undefined;
  /** Bytes of the programs that it left; of images what the registry holds of the first platform. */
  bytes: number;
}

/** A peer from the module proxy, built once into a cache folder; undefined when that takes too long. */
async function peer(name: string, pkg: string, wanted: boolean): Promise<string | undefined> {
  if (!wanted) return undefined;
  const folder = path.join(homedir(), '.cache', 'slipway', 'peers', pkg.replace(/[/@]/g, '_'));
  const file = path.join(folder, name);
  if (existsSync(file)) return file;
  console.log(`building ${pkg} (once, five minutes at most) …`);
  mkdirSync(folder, { recursive: true });
  try {
    await execute('nice', ['-n', '10', 'go', 'install', pkg], {
      timeout: 300_000,
      env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
    });
    return file;
  } catch (error) {
    console.log(`${pkg} is left out: ${String(error).split('\n')[0] ?? ''}`);
    return undefined;
  }
}

function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => /^(?:gosh|shfmt)(?:\.exe)?$/.test(path.basename(file)))
    .reduce((sum, file) => sum + statSync(file).size, 0);
}

/** Runs one arm, timed by GNU time where there is one (it counts every child that was waited for). */
async function measure(arm: Arm, folder: string, out: string, goCache: string) {
  const { file, args, env } = arm.command(folder, out);
  const times = path.join(path.dirname(out), 'times');
  const timed = existsSync('/usr/bin/time');
  const command = timed ? '/usr/bin/time' : file;
  const rest = timed ? ['-o', times, '-f', '%U %S', file, ...args] : args;
  const id = `${arm.name}-${Date.now()}`;
  const memory = watchMemory(systemClock, marker, 50);
  const started = performance.now();
  let printed = '';
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(command, rest, {
      cwd: folder,
      env: {
        ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], GOENV: 'off' },
        ...{ GOCACHE: goCache, GOFLAGS: '', CGO_ENABLED: '0', [marker]: id, ...env },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.on('error', reject);
    child.on('close', resolve);
  });
  const wallMs = performance.now() - started;
  memory.stop();
  if (code !== 0) throw new Error(`${arm.name} ended with ${code}:\n${printed.slice(-2000)}`);
  const cpu = timed ? (await fs.readFile(times, 'utf8')).trim().split('\n').at(-1) : undefined;
  const [user, system] = (cpu ?? '').split(' ').map(Number);
  const digest = /@(sha256:[0-9a-f]{64})/.exec(printed)?.[0];
  return {
    wallMs: Math.round(wallMs),
    cpuMs: user === undefined || system === undefined ? undefined : (user + system) * 1000,
    peakBytes: memory.peak(id),
    digest,
  };
}

function slipway(job: Job, registry: string, scratch: string): Arm {
  return {
    name: 'slipway',
    job,
    version: 'this commit',
    command: (folder, out) => {
      const inputs: Record<string, string> = {
        targets: (job === 'images' ? imageTargets : targets).join('\n'),
        packages: './cmd/...',
        version: program.version,
        archive: 'false',
        sbom: 'false',
        'output-dir': path.relative(folder, out),
        ...(job === 'images'
          ? { image: `${registry}/bench/slipway`, 'image-ca-certificates': 'false' }
          : {}),
      };
      return {
        file: node24(),
        args: [path.join(root, 'dist', 'go-cross-build', 'index.js')],
        env: {
          GITHUB_WORKSPACE: folder,
          RUNNER_TEMP: path.join(scratch, 'temp'),
          ...Object.fromEntries(
            Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
          ),
        },
      };
    },
  };
}

/** What people write by hand: one `go build` per target and program. */
function shellLoop(): Arm {
  const lines = targets.flatMap((target) =>
    program.mains.map((main) => {
      const [os = '', arch = ''] = target.split('/');
      const file = `${path.basename(main)}${os === 'windows' ? '.exe' : ''}`;
      return `GOOS=${os} GOARCH=${arch} go build -trimpath -ldflags '-s -w -X main.version=${program.version}' -o "$OUT/${os}_${arch}/${file}" ./${main}`;
    }),
  );
  return {
    name: 'go build in a loop',
    job: 'programs',
    version: '',
    command: (_, out) => ({
      file: '/bin/sh',
      args: ['-ec', lines.join('\n')],
      env: { OUT: out },
    }),
  };
}

function goreleaser(file: string, version: string): Arm {
  return {
    name: 'goreleaser build',
    job: 'programs',
    version,
    command: () => ({
      file,
      args: ['build', '--snapshot', '--clean', '--skip=validate', '--config', '.goreleaser.yaml'],
      env: {},
    }),
  };
}

function goreleaserConfig(out: string): string {
  const builds = program.mains.flatMap((main) => [
    `  - id: ${path.basename(main)}`,
    `    main: ./${main}`,
    `    binary: ${path.basename(main)}`,
    `    flags: [-trimpath]`,
    `    ldflags: ['-s -w -X main.version=${program.version}']`,
    `    targets: [${targets.map((target) => target.replace('/', '_')).join(', ')}]`,
  ]);
  return ['version: 2', 'project_name: sh', `dist: ${out}`, 'builds:', ...builds, ''].join('\n');
}

function ko(file: string, version: string, registry: string): Arm {
  return {
    name: 'ko build',
    job: 'images',
    version,
    command: () => ({
      file,
      args: [
        ...['build', '--sbom=none', '--base-import-paths', `--platform=${imageTargets.join(',')}`],
        ...[`--tags=${program.version}`, ...program.mains.map((main) => `./${main}`)],
      ],
      env: {
        KO_DOCKER_REPO: `${registry}/bench/ko`,
        KO_DEFAULTBASEIMAGE: `${registry}/bench/base:latest`,
        GOFLAGS: '-trimpath -ldflags=-s',
      },
    }),
  };
}

/** ko needs a base; an all but empty one for both platforms is the fairest. */
async function pushBase(registry: string): Promise<void> {
  const name = parseImageName(`${registry}/bench/base`);
  const client = createRegistryClient({
    name,
    credentials: undefined,
    fetch,
    clock: systemClock,
    signal: new AbortController().signal,
    maskSecret: () => undefined,
  });
  const images = await Promise.all(
    imageTargets.map((target) =>
      buildImage({
        program: { name: 'none', content: new Uint8Array() },
        platform: { os: 'linux', architecture: target.split('/')[1] ?? '' },
        labels: {},
        epochSeconds: 0,
      }),
    ),
  );
  await pushImages({ client, log: fakeLog() }, { name, images, tags: ['latest'], annotations: {} });
}

/** Compressed bytes of `gosh` for linux/amd64 in the registry. */
async function pulledBytes(registry: string, arm: Arm): Promise<number> {
  const repository = `bench/${arm.name.startsWith('ko') ? 'ko' : 'slipway'}/gosh`;
  const accept =
    'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json';
  const get = async (reference: string) => {
    const url = `http://${registry}/v2/${repository}/manifests/${reference}`;
    return (await (await fetch(url, { headers: { accept } })).json()) as {
      manifests?: { digest: string; platform: { architecture: string } }[];
      layers?: { size: number }[];
      config?: { size: number };
    };
  };
  const index = await get(program.version);
  const digest = index.manifests?.find(({ platform }) => platform.architecture === 'amd64')?.digest;
  const manifest = digest === undefined ? index : await get(digest);
  const layers = (manifest.layers ?? []).reduce((sum, { size }) => sum + size, 0);
  return layers + (manifest.config?.size ?? 0);
}

async function changeMains(folder: string, round: number): Promise<void> {
  for (const main of program.mains) {
    const file = path.join(folder, main, 'bench.go');
    await fs.writeFile(
      file,
      `package main\n\nvar benchRound = ${round}\n\nfunc init() { _ = benchRound }\n`,
    );
  }
  await execute('git', ['add', '--all'], { cwd: folder });
  await execute(
    'git',
    [
      '-c',
      'user.name=b',
      '-c',
      'user.email=b@example.com',
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      `round ${round}`,
    ],
    { cwd: folder },
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** What is measured: one arm after the other on the same source, whose commits `run` makes. */
interface Course {
  registry: string;
  scratch: string;
  folder: string;
  out: string;
}

/** The arms of this run; goreleaser and ko are built first, unless they are left out. */
async function prepareArms(
  registry: string,
  scratch: string,
  withPeers: boolean,
): Promise<readonly Arm[]> {
  const goreleaserVersion = 'v2.15.1';
  const koVersion = 'v0.18.1';
  const goreleaserFile = await peer(
    'goreleaser',
    `github.com/goreleaser/goreleaser/v2@${goreleaserVersion}`,
    withPeers,
  );
  const koFile = await peer('ko', `github.com/google/ko@${koVersion}`, withPeers);
  if (koFile !== undefined) await pushBase(registry);
  return [
    slipway('programs', registry, scratch),
    shellLoop(),
    ...(goreleaserFile === undefined ? [] : [goreleaser(goreleaserFile, goreleaserVersion)]),
    slipway('images', registry, scratch),
    ...(koFile === undefined ? [] : [ko(koFile, koVersion, registry)]),
  ];
}

/** A repository of the program with a commit and a tag, and its modules at hand. */
async function prepareSource(folder: string, out: string): Promise<void> {
  await copyPublishedProgram(program, folder);
  await fs.writeFile(path.join(folder, '.goreleaser.yaml'), goreleaserConfig(out));
  await fs.writeFile(path.join(folder, '.gitignore'), '/out/\n');
  await execute('git', ['init', '--quiet'], { cwd: folder });
  await changeMains(folder, 0);
  await execute('git', ['tag', program.version], { cwd: folder });
  await execute('go', ['mod', 'download'], { cwd: folder });
}

function sampleLine(round: number, { arm, job, cache, ...measured }: Sample): string {
  const { wallMs, cpuMs, peakBytes, bytes } = measured;
  const cpu = cpuMs === undefined ? '' : `, ${(cpuMs / 1000).toFixed(1)} s of CPU`;
  const peak = peakBytes === undefined ? '' : `, peak ${(peakBytes / 1e6).toFixed(0)} MB`;
  return `round ${round}, ${cache}: ${job} by ${arm}: ${(wallMs / 1000).toFixed(1)} s${cpu}${peak}, ${(bytes / 1e6).toFixed(2)} MB`;
}

/** One arm once, with the build cache that `cache` asks for. */
async function measureArm(course: Course, arm: Arm, cache: Sample['cache']): Promise<Sample> {
  const { folder, out, registry, scratch } = course;
  const goCache = path.join(scratch, 'caches', `${arm.name}-${arm.job}`.replace(/\W+/g, '-'));
  if (cache === 'empty') await fs.rm(goCache, { recursive: true, force: true });
  await fs.rm(out, { recursive: true, force: true });
  const { wallMs, cpuMs, peakBytes } = await measure(arm, folder, out, goCache);
  const bytes = arm.job === 'images' ? await pulledBytes(registry, arm) : sizeOf(out);
  return { arm: arm.name, job: arm.job, cache, bytes, wallMs, cpuMs, peakBytes };
}

function summarize(arms: readonly Arm[], samples: readonly Sample[]): readonly object[] {
  return arms.flatMap(({ name, job, version }) =>
    (['empty', 'new commit'] as const).map((cache) => {
      const own = samples.filter(
        (each) => each.arm === name && each.job === job && each.cache === cache,
      );
      const of = (pick: (sample: Sample) => number | undefined): number =>
        median(own.flatMap((sample) => pick(sample) ?? []));
      return {
        ...{ job, arm: name, version, cache },
        wallSeconds: of(({ wallMs }) => wallMs) / 1000,
        cpuSeconds: of(({ cpuMs }) => cpuMs) / 1000,
        peakMB: of(({ peakBytes }) => peakBytes) / 1e6,
        megabytes: of(({ bytes }) => bytes) / 1e6,
      };
    }),
  );
}

/**
 * Programs of four systems and images of two platforms, by the action and by what people use instead,
 * with an empty build cache and after a new commit, in turns. `rounds=N` (2) sets how often;
 * `without-peers` leaves out goreleaser and ko, which take minutes to build the first time.
 */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = Number(/rounds=(\d+)/.exec(args.join(' '))?.[1] ?? 2);
  const [{ registry }] = await Promise.all([useLab(), ensureBundles(['go-cross-build'])]);
  const scratch = await fs.realpath(await fs.mkdtemp(path.join(tmpdir(), 'slipway-bench-')));
  const arms = await prepareArms(registry, scratch, !args.includes('without-peers'));
  await fs.mkdir(path.join(scratch, 'temp'), { recursive: true });
  const folder = path.join(scratch, 'sh');
  const out = path.join(folder, 'out');
  await prepareSource(folder, out);
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const order = round % 2 === 1 ? arms : [...arms].reverse();
    for (const cache of ['empty', 'new commit'] as const) {
      if (cache === 'new commit') await changeMains(folder, round);
      for (const arm of order) {
        const sample = await measureArm({ registry, scratch, folder, out }, arm, cache);
        samples.push(sample);
        console.log(sampleLine(round, sample));
      }
    }
  }
  await fs.rm(scratch, { recursive: true, force: true });
  const table = summarize(arms, samples);
  console.table(table);
  const what = `${program.module} ${program.version}, two programs`;
  const machine = { cores: availableParallelism(), load: loadavg() };
  const result = { what, targets, imageTargets, rounds, ...machine, table, samples };
  const file = path.join(root, 'bench', 'results', 'go-cross-build.json');
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
}
