import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { archive } from '@slipway/archive';
import { fakeLog } from '@slipway/testing';
import { buildDependencies } from '../src/chart/dependency-build.ts';
import { checkDependencies } from '../src/chart/dependencies.ts';
import { lockDigest } from '../src/chart/lock-digest.ts';

let folder: string;
let secrets: string[] = [];
const masked = (secret: string): void => void secrets.push(secret);
beforeEach(async () => {
  secrets = [];
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'chart-'));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

const wanted = [
  { name: 'lib', version: '>=1.0.0 <2', repository: 'file://../lib' },
  {
    name: 'lib2',
    version: '~0.3.0',
    repository: 'file://../lib2',
    condition: 'lib2.enabled,global.lib2',
    tags: ['front', 'back'],
    importValues: ['data', { child: 'default.data', parent: 'my<&>data' }],
    alias: 'second',
  },
];
const locked = [
  { name: 'lib', version: '1.4.2', repository: 'file://../lib' },
  { name: 'lib2', version: '0.3.0', repository: 'file://../lib2' },
];

test('the digest is the one that Helm 3.18.0 and 4.2.3 wrote for the same lists', () => {
  expect(lockDigest(wanted, locked)).toBe(
    'sha256:4787aff7fa154059eee4643c3a4b725786a8091aca9b6646b2fc688f9dcffd79',
  );
});

interface Chart {
  wants?: string;
  lock?: string | undefined;
  /** What Chart.lock names, when it is not what Chart.yaml does. */
  lockedRepository?: string;
  repository?: string;
  digest?: string;
  archives?: readonly (readonly [file: string, name: string, version: string])[];
}

async function write(chart: Chart): Promise<void> {
  const { wants = '^1.2.0', archives = [['service-1.4.2.tgz', 'service', '1.4.2']] } = chart;
  const lock = 'lock' in chart ? chart.lock : '1.4.2';
  const { repository = 'oci://ghcr.io/acme/charts' } = chart;
  const { lockedRepository = repository } = chart;
  await fs.writeFile(
    path.join(folder, 'Chart.yaml'),
    `apiVersion: v2\nname: api\nversion: 1.0.0\ndependencies:\n- { name: service, version: "${wants}", repository: "${repository}" }\n`,
  );
  if (lock !== undefined) {
    const digest = lockDigest(
      [{ name: 'service', version: wants, repository }],
      [{ name: 'service', version: lock, repository: lockedRepository }],
    );
    await fs.writeFile(
      path.join(folder, 'Chart.lock'),
      `dependencies:\n- { name: service, version: ${lock}, repository: "${lockedRepository}" }\ndigest: ${chart.digest ?? digest}\ngenerated: "2026-01-01T00:00:00Z"\n`,
    );
  }
  await fs.mkdir(path.join(folder, 'charts'));
  for (const [file, name, version] of archives) {
    const content = Buffer.from(`apiVersion: v2\nname: ${name}\nversion: ${version}\n`);
    const packed = await archive([{ path: `${name}/Chart.yaml`, content, mode: 0o644 }], {
      format: 'tar.gz',
      mtimeSeconds: 0,
    });
    await fs.writeFile(path.join(folder, 'charts', file), packed);
  }
}

describe('a chart whose files agree', () => {
  test('passes and misses nothing', async () => {
    await write({});
    expect((await checkDependencies(folder, masked)).missing).toEqual([]);
  });

  test('passes with a prerelease where the range asks for some', async () => {
    const archives = [['service-1.4.2-rc.1.tgz', 'service', '1.4.2-rc.1']] as const;
    await write({ wants: '>=1.2.0-0', lock: '1.4.2-rc.1', archives });
    expect((await checkDependencies(folder, masked)).missing).toEqual([]);
  });

  test('passes and names what has to be fetched when charts/ is empty', async () => {
    await write({ archives: [] });
    const { missing } = await checkDependencies(folder, masked);
    expect(missing.map(({ name }) => name)).toEqual(['service']);
  });
});

describe('a chart whose files disagree, and lack nothing, is what Helm deploys', () => {
  test.each<[string, Chart, RegExp]>([
    [
      'with a lock outside the range',
      { lock: '2.0.0' },
      /^Chart\.lock has service 2\.0\.0, but Chart\.yaml wants \^1\.2\.0$/,
    ],
    [
      'with an archive of another version than the lock says',
      { archives: [['service-1.3.0.tgz', 'service', '1.3.0']] },
      /^charts.service-1\.3\.0\.tgz is service 1\.3\.0, but Chart\.lock says 1\.4\.2$/,
    ],
    [
      'with an archive that lies about its version in its name',
      { archives: [['service-1.4.2.tgz', 'service', '1.3.0']] },
      /^charts.service-1\.4\.2\.tgz is service 1\.3\.0, but Chart\.lock says 1\.4\.2$/,
    ],
    [
      'with two archives of it',
      {
        archives: [
          ['service-1.4.2.tgz', 'service', '1.4.2'],
          ['service-1.3.0.tgz', 'service', '1.3.0'],
        ],
      },
      /^service is in charts\/ more than once: service-1\.3\.0\.tgz, service-1\.4\.2\.tgz$/,
    ],
    [
      'with the digest of other lists',
      { digest: 'sha256:00' },
      /^the digest in Chart\.lock does not belong/,
    ],
    [
      'without a lock, with an archive outside the range',
      { lock: undefined, archives: [['service-2.0.0.tgz', 'service', '2.0.0']] },
      /^charts.service-2\.0\.0\.tgz is service 2\.0\.0, but Chart\.yaml wants \^1\.2\.0$/,
    ],
  ])('%s', async (_, chart, told) => {
    await write(chart);
    const { missing, disagreements } = await checkDependencies(folder, masked);
    expect(missing).toEqual([]);
    expect(disagreements).toContainEqual(expect.stringMatching(told));
  });

  test('and the disagreement is told, without a run of Helm', async () => {
    await write({ digest: 'sha256:00' });
    const log = fakeLog();
    const helm = { run: () => Promise.reject(new Error('Helm was run.')) };
    const whole = await buildDependencies(helm, folder, {
      tempDir: '',
      caFile: undefined,
      log,
      maskSecret: masked,
    });
    expect(whole).toEqual({ path: folder, fetched: [], packed: [] });
    expect(log.lines).toEqual([
      expect.objectContaining({
        level: 'warning',
        message: expect.stringMatching(
          /do not agree; what is in charts\/ is deployed, as Helm does:\n {2}the digest/,
        ),
      }),
    ]);
  });
});

describe('a chart that lacks something is refused', () => {
  test.each<[string, Chart, RegExp]>([
    [
      'when the lock is outside the range',
      { lock: '2.0.0', archives: [] },
      /Chart\.lock has service 2\.0\.0, but Chart\.yaml wants \^1\.2\.0/,
    ],
    [
      'when the digest is of other lists',
      { digest: 'sha256:00', archives: [] },
      /the digest in Chart\.lock does not belong/,
    ],
    [
      'when nothing says which version to fetch',
      { lock: undefined, archives: [] },
      /service: named in Chart\.yaml, missing in charts\/, and there is no Chart\.lock/,
    ],
  ])('%s', async (_, chart, message) => {
    await write(chart);
    await expect(checkDependencies(folder, masked)).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(message),
      next: expect.stringContaining('helm dependency update'),
    });
  });

  test('when an archive is cut off', async () => {
    await write({});
    await fs.truncate(path.join(folder, 'charts', 'service-1.4.2.tgz'), 60);
    await expect(checkDependencies(folder, masked)).rejects.toThrow(/is not a packaged chart/);
  });
});

test.each<[string, Chart, readonly string[]]>([
  [
    'a user and a password',
    { repository: 'https://bob:hunter2%21@charts.acme.io' },
    ['hunter2%21'],
  ],
  ['a token alone', { repository: 'https://ghp_token@charts.acme.io/stable' }, ['ghp_token']],
  [
    'another in the lock file',
    {
      repository: 'https://bob:new-one@charts.acme.io',
      lockedRepository: 'https://bob:old-one@charts.acme.io',
    },
    ['new-one', 'old-one'],
  ],
  ['an @ in its path', { repository: 'https://charts.acme.io/team@home' }, []],
])('of a repository address with %s the secret is masked', async (_, chart, expected) => {
  await write(chart);
  await checkDependencies(folder, masked).catch(() => undefined);
  expect([...new Set(secrets)]).toEqual(expected);
});

test('every repository of the chart is made known to Helm, which looks for all to fetch one', async () => {
  const there = { name: 'there', version: '1.0.0', repository: 'https://there.example.com' };
  const absent = { name: 'absent', version: '1.0.0', repository: 'https://absent.example.com' };
  const entries = [there, absent].map((one) => `- ${JSON.stringify(one)}\n`).join('');
  const digest = lockDigest([there, absent], [there, absent]);
  const chart = 'apiVersion: v2\nname: api\nversion: 1.0.0\n';
  await fs.writeFile(path.join(folder, 'Chart.yaml'), `${chart}dependencies:\n${entries}`);
  await fs.writeFile(
    path.join(folder, 'Chart.lock'),
    `dependencies:\n${entries}digest: ${digest}\n`,
  );
  const put = async (name: string): Promise<void> => {
    await fs.mkdir(path.join(folder, 'charts', name), { recursive: true });
    const file = path.join(folder, 'charts', name, 'Chart.yaml');
    await fs.writeFile(file, `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`);
  };
  await put('there');
  const commands: string[] = [];
  const inputs: unknown[] = [];
  const run = async (args: readonly string[], { input }: { input?: string | Buffer } = {}) => {
    commands.push(args.join(' '));
    if (input !== undefined) inputs.push(input);
    if (args[0] === 'dependency') await put('absent');
    return { stdout: '', stderr: '', exitCode: 0, durationMs: 0 };
  };
  const tempDir = path.join(folder, 'temp');
  const user = { username: 'ci', password: 'hunter2', passCredentials: true };
  const login = { ...user, url: `${absent.repository}/` };
  const options = { tempDir, caFile: '/ca.pem', login, log: fakeLog(), maskSecret: masked };
  const { fetched } = await buildDependencies({ run }, folder, options);
  expect(fetched).toEqual(['absent']);
  const list = path.join(tempDir, 'repositories.yaml');
  const known = commands.filter((command) => command.startsWith('repo add'));
  expect(known).toEqual([
    expect.stringMatching(
      / https:\/\/there\.example\.com --ca-file \/ca\.pem --repository-config /,
    ),
    expect.stringMatching(
      / https:\/\/absent\.example\.com --ca-file \/ca\.pem --username ci --password-stdin --force-update --pass-credentials /,
    ),
  ]);
  expect(inputs).toEqual(['hunter2\n']);
  expect(commands.at(-1)).toBe(`dependency build ${folder} --repository-config ${list}`);
});
