import * as fs from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { KubeconfigCase } from './case.ts';
import { makeCertificates, type Certificates } from './certificates.ts';
import { startSocksProxy, startTunnelProxy } from './proxies.ts';
import { arrivalOf, type Arrival, type PluginRun, type Sight } from './sight.ts';

/** The files of one case on disk, and the environment in which a reader looks for them. */
export interface Placed {
  folder: string;
  env: Readonly<Record<string, string>>;
}

/** An API server in HTTPS and in HTTP, three kinds of proxy and a credential plugin. */
export interface World {
  place(given: KubeconfigCase): Promise<Placed>;
  /** What arrived since it was last asked; refused when nothing did. */
  sight(namespace: string): Promise<Sight>;
  close(): Promise<void>;
}

type Values = Readonly<Record<string, string>>;

/**
 * A link beside the cases to the folder of this Node, so that a path to it fits the kubeconfig's folder
 * alone: one that climbs to the root leads there from every working directory.
 */
const nodeFolder = 'node-folder';

const pluginProgram = `
const fs = require('node:fs');
const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO || 'null');
const [, , ...args] = process.argv;
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('PLUGIN_')));
fs.writeFileSync(__dirname + '/plugin-run.json', JSON.stringify({ args, env, info }));
const read = (name) => fs.readFileSync(__dirname + '/' + name, 'utf8');
const status = args.includes('certificate')
  ? { clientCertificateData: read('plugin.pem'), clientKeyData: read('plugin.key') }
  : { token: 'from-plugin' };
const apiVersion = info ? info.apiVersion : 'client.authentication.k8s.io/v1';
console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion, status }));
`;

/** What happened since it was last asked. */
interface Notes {
  arrivals: Arrival[];
  proxies: string[];
}

async function startServers(certificates: Certificates, notes: Notes) {
  const answer: http.RequestListener = (request, response) => {
    notes.arrivals.push(arrivalOf(request));
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    response.end('{"major":"1","minor":"36","gitVersion":"v1.36.3"}');
  };
  const tls = { ...certificates.server, requestCert: true, rejectUnauthorized: false };
  const servers = [https.createServer(tls, answer), http.createServer(answer)];
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as net.AddressInfo).port;
    }),
  );
  const note = (kind: string) => (): unknown => notes.proxies.push(kind);
  const proxies = await Promise.all([
    startTunnelProxy(note('http')),
    startTunnelProxy(note('https'), certificates.server),
    startSocksProxy(note('socks5')),
  ]);
  return {
    secure: ports[0] ?? 0,
    plain: ports[1] ?? 0,
    proxies: proxies.map(({ port }) => port),
    close: async (): Promise<void> => {
      for (const server of servers) server.closeAllConnections();
      await Promise.all([
        ...servers.map((server) => new Promise((resolve) => server.close(resolve))),
        ...proxies.map((proxy) => proxy.close()),
      ]);
    },
  };
}

function valuesOf(
  root: string,
  certificates: Certificates,
  servers: Awaited<ReturnType<typeof startServers>>,
): Values {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const [proxy, httpsProxy, socks] = servers.proxies;
  return {
    secure: `https://127.0.0.1:${servers.secure}`,
    named: `https://service.test:${servers.secure}`,
    localhost: `https://localhost:${servers.secure}`,
    plain: `http://127.0.0.1:${servers.plain}`,
    port: String(servers.secure),
    proxy: `http://127.0.0.1:${proxy ?? 0}`,
    'https-proxy': `https://127.0.0.1:${httpsProxy ?? 0}`,
    socks: `socks5://127.0.0.1:${socks ?? 0}`,
    ca: base64(certificates.ca),
    cert: base64(certificates.client.cert),
    key: base64(certificates.client.key),
    'ca-pem': certificates.ca,
    'cert-pem': certificates.client.cert,
    'key-pem': certificates.client.key,
    node: process.execPath,
    plugin: path.join(root, 'plugin.cjs'),
  };
}

async function placeCase(given: KubeconfigCase, folder: string, values: Values): Promise<Placed> {
  const own: Values = {
    ...values,
    folder,
    'node-from-in': path.join('..', '..', nodeFolder, path.basename(process.execPath)),
  };
  const home = path.join(folder, 'home');
  await fs.mkdir(home, { recursive: true });
  for (const [name, text] of Object.entries(given.files)) {
    const file = path.join(folder, name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    const filled = text.replace(/\{\{([a-z-]+)\}\}/g, (word, key: string) => own[key] ?? word);
    await fs.writeFile(file, filled);
  }
  const listed = (given.paths ?? ['config']).map((name) =>
    name === '' ? '' : path.join(folder, name),
  );
  const env = { HOME: home, KUBECONFIG: listed.join(path.delimiter) };
  return { folder, env: listed.length === 0 ? { HOME: home } : env };
}

/** Starts everything on loopback; close it. */
export async function startWorld(): Promise<World> {
  const certificates = makeCertificates();
  const root = await fs.mkdtemp(path.join(os.tmpdir(), 'slipway-kubeconfig-'));
  const notes: Notes = { arrivals: [], proxies: [] };
  const servers = await startServers(certificates, notes);
  const values = valuesOf(root, certificates, servers);
  await fs.symlink(path.dirname(process.execPath), path.join(root, nodeFolder), 'junction');
  await fs.writeFile(path.join(root, 'plugin.cjs'), pluginProgram);
  await fs.writeFile(path.join(root, 'plugin.pem'), certificates.plugin.cert);
  await fs.writeFile(path.join(root, 'plugin.key'), certificates.plugin.key);
  const pluginRun = async (): Promise<{ plugin?: PluginRun }> => {
    const file = path.join(root, 'plugin-run.json');
    const run = await fs.readFile(file, 'utf8').catch(() => undefined);
    if (run === undefined) return {};
    await fs.rm(file);
    // What differs from run to run goes back into the case's own words.
    const told = Object.entries(values)
      .filter(([, value]) => value.length >= 8)
      .reduce((text, [name, value]) => text.replaceAll(value, `{{${name}}}`), run);
    return { plugin: JSON.parse(told) as PluginRun };
  };
  let count = 0;
  return {
    place: (given) => {
      count += 1;
      return placeCase(given, path.join(root, `case-${count}`), values);
    },
    sight: async (namespace) => {
      const [arrival] = notes.arrivals.splice(0);
      const proxies = [...new Set(notes.proxies.splice(0))];
      const plugin = await pluginRun();
      if (arrival === undefined) return { refused: true };
      return { refused: false, ...arrival, proxies, ...plugin, namespace };
    },
    close: async () => {
      await servers.close();
      await fs.rm(root, { recursive: true, force: true });
    },
  };
}
