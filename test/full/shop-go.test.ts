import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { shopFixture } from '../fixtures/shop-repository.ts';

jest.setTimeout(600_000);

const run = promisify(execFile);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'shop-go-'));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs go in the sample; the error of a failure carries all that it printed. */
async function go(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const settings = { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' };
  try {
    const { stdout } = await run('go', args, { cwd: shopFixture, env: { ...settings, ...env } });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`go ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

async function build(service: string, name: string, env: Record<string, string>): Promise<string> {
  const output = path.join(scratch, name);
  const flags = ['-trimpath', '-ldflags', '-s -w -X main.version=v9.9.9', '-o', output];
  await go(['build', ...flags, `./services/${service}`], env);
  return output;
}

/** The first bytes of the file and whether it names a dynamic loader. */
async function binary(file: string): Promise<{ magic: string; loader: boolean }> {
  const content = await readFile(file);
  return {
    magic: content.subarray(0, 4).toString('latin1'),
    loader: content.includes('/lib64/ld-linux') || content.includes('/lib/ld-'),
  };
}

describe('the sample shop', () => {
  test('is formatted and vetted, its modules are what go.sum says, and its tests pass', async () => {
    const { stdout } = await run('gofmt', ['-l', shopFixture]);
    expect(stdout).toBe('');
    await go(['vet', './...']);
    await go(['mod', 'verify']);
    expect(await go(['test', './...'])).toMatch(/ok\s+example.com\/shop\/services\/worker/);
  });

  test.each(['api', 'quotes', 'worker', 'rules'])(
    'builds %s as a static program for linux without cgo',
    async (service) => {
      const env = { CGO_ENABLED: '0', GOOS: 'linux', GOARCH: 'amd64' };
      const file = await build(service, service, env);
      expect(await binary(file)).toEqual({ magic: '\x7fELF', loader: false });
    },
  );

  test('builds ledger with cgo and yet static, since its image has no C library', async () => {
    const file = await build('ledger', 'ledger', { CGO_ENABLED: '1' });
    expect(await binary(file)).toEqual({ magic: '\x7fELF', loader: false });
  });

  test('builds ledger without cgo too, into a program that cannot open its database', async () => {
    const file = await build('ledger', 'ledger-pure', { CGO_ENABLED: '0' });
    await expect(run(file)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Binary was compiled with 'CGO_ENABLED=0'"),
    });
  });

  test('builds rules for wasip1, where it reads orders and writes decisions', async () => {
    const file = await build('rules', 'rules.wasm', { GOOS: 'wasip1', GOARCH: 'wasm' });
    const data = path.join(shopFixture, 'services', 'rules', 'testdata');
    const host = `
      import { open, readFile } from 'node:fs/promises';
      import { WASI } from 'node:wasi';
      const [file, orders] = process.argv.slice(-2);
      const input = await open(orders);
      const wasi = new WASI({ version: 'preview1', args: ['rules'], stdin: input.fd });
      const module = await WebAssembly.compile(await readFile(file));
      process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
    `;
    const flags = ['--no-warnings', '--input-type=module', '--eval', host, '--'];
    const orders = path.join(data, 'orders.jsonl');
    const { stdout } = await run(process.execPath, [...flags, file, orders]);
    expect(stdout).toBe(await readFile(path.join(data, 'decisions.jsonl'), 'utf8'));
  });
});
