import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { node24 } from '@slipway/testing';
import { root } from '../../tools/manifest.ts';
import { program, targets, imageTargets, type Job, type Arm } from './arm.ts';
import { pushBase } from './images.ts';

const execute = promisify(execFile);

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

/** The arms of this run; goreleaser and ko are built first, unless they are left out. */
export async function prepareArms(
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
