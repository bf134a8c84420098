import { readFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { cacheFolder } from './cache-folder.ts';
import { labLayout } from './layout.ts';
import { freePort } from './port.ts';
import { chooseSubnet } from './subnet.ts';

const open: net.Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

test.each([
  [{ SLIPWAY_CACHE: '/fast/slipway', XDG_CACHE_HOME: '/xdg' }, '/fast/slipway'],
  [{ XDG_CACHE_HOME: '/xdg' }, '/xdg/slipway'],
  [{ XDG_CACHE_HOME: 'relative' }, '/home/ada/.cache/slipway'],
  [{ SLIPWAY_CACHE: '' }, '/home/ada/.cache/slipway'],
])('the cache folder of %j is %s', (env, expected) => {
  expect(cacheFolder(env, '/home/ada')).toBe(expected);
});

test('a lab has its own state folder, bridge and control group', () => {
  const one = labLayout({});
  const other = labLayout({ SLIPWAY_LAB_NAME: 'second', SLIPWAY_LAB_STATE: '/scratch' });
  expect(one).toMatchObject({ state: '/var/lib/slipway-lab/slipway', bridge: 'br-slipway' });
  expect(other).toMatchObject({ state: '/scratch/second', cgroup: 'slipway-lab-second' });
});

test.each(['', 'Two', 'a/b', '../x', '-rf', 'twelveletter'])(
  'the name "%s" is refused, with what a name may be',
  (name) => {
    expect(() => labLayout({ SLIPWAY_LAB_NAME: name })).toThrow(/1 to 11 lower-case letters/);
  },
);

test('bridge, chain and CNI network of the longest name stay within what the kernel allows', () => {
  const { bridge, network } = labLayout({ SLIPWAY_LAB_NAME: 'elevenchars' });
  expect(bridge.length).toBeLessThanOrEqual(15);
  expect(`${network}-OUT`.length).toBeLessThanOrEqual(28);
});

test('a network is chosen that no route of the machine covers', () => {
  const routes = [
    'default via 192.0.2.1 dev eth0',
    '10.211.0.0/17 dev br-slipway proto kernel scope link src 10.211.0.1',
    '10.212.64.0/18 via 192.0.2.9 dev tun0',
    'local 10.213.7.7 dev lo table local',
  ].join('\n');
  expect(chooseSubnet(routes)).toMatchObject({ whole: '10.214.0.0/16', gateway: '10.214.0.1' });
});

test('without a free network the message says what covers them', () => {
  expect(() => chooseSubnet('10.0.0.0/8 dev tun0')).toThrow(/10\.211\.0\.0\/16.*VPN/);
});

test('a port in use is passed over for a free one', async () => {
  const server = net.createServer();
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const found = await freePort(port);
  expect(found).not.toBe(port);
  expect(found).toBeGreaterThan(1023);
});

test('any port is one that no connection of another process is given meanwhile', async () => {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  expect(await freePort(0)).toBeLessThan(Number(range.split(/\s+/)[0]));
});

test('a port that is promised already is passed over though nobody listens yet', async () => {
  const first = await freePort(0);
  expect(first).toBeGreaterThan(1023);
  expect(await freePort(first, [first])).not.toBe(first);
});
