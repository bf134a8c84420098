import { execFile, execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:https';
import path from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { listenOnAnyPort } from '@slipway/testing';
import {
  createPrivateModule,
  type PrivateModule,
} from '../../../../test/fixtures/private-module.ts';

const run = promisify(execFile);

/** A git server on loopback. */
export interface GitHost {
  port: number;
  /** Who asked, by owner: the Authorization header, or the name of the key. */
  asked: Record<string, string[]>;
  close: () => void;
}

/** `OWNER/kit` of 127.0.0.1, where the go command finds it without asking a web server first. */
export async function privateModule(folder: string, owner: string): Promise<PrivateModule> {
  const made = await createPrivateModule(
    path.join(folder, `module-${owner}`),
    `127.0.0.1/${owner}/kit.git`,
  );
  await run('git', ['update-server-info'], { cwd: made.repository });
  return made;
}

/** Remembers who asked, and says whose repository a path is. */
function register(asked: Record<string, string[]>, owner: string, who: string): void {
  asked[owner] = [...(asked[owner] ?? []), who];
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** What is served to who has the token; `holds` lets them wait for ever. */
export interface GuardedRepository {
  repository: string;
  authorization: string;
  holds?: boolean;
}

/** Serves bare repositories as plain files over TLS, those of each owner to who has its token alone. */
export async function httpsHost(
  folder: string,
  repositories: Readonly<Record<string, GuardedRepository>>,
): Promise<GitHost & { ca: string; someoneWaits: Promise<unknown> }> {
  const [ca, key] = ['ca.pem', 'ca.key'].map((name) => path.join(folder, name));
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  if (ca === undefined || key === undefined) throw new Error('unreachable');
  execFileSync('openssl', ['req', '-x509', ...ec, ...subject, '-keyout', key, '-out', ca], {
    stdio: 'pipe',
  });
  const asked: Record<string, string[]> = {};
  const { promise: someoneWaits, resolve: someoneDoes } = Promise.withResolvers<undefined>();
  const tls = { cert: await fs.readFile(ca), key: await fs.readFile(key) };
  const server = createServer(tls, (request, response) => {
    const [, owner = '', inside = ''] =
      /^\/([^/]+)\/kit(?:\.git)?\/([^?]*)/.exec(request.url ?? '') ?? [];
    const found = repositories[owner];
    if (request.headers.authorization !== undefined)
      register(asked, owner, request.headers.authorization);
    if (found === undefined) response.writeHead(404).end();
    else if (request.headers.authorization !== found.authorization)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    else if (found.holds === true) someoneDoes(undefined);
    else
      fs.readFile(path.join(found.repository, inside)).then(
        (data) => response.end(data),
        () => response.writeHead(404).end(),
      );
  });
  const port = await listenOnAnyPort(server);
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port, asked, ca, someoneWaits, close };
}

/** A key pair in OpenSSH's forms. */
export interface KeyPair {
  private: string;
  public: string;
}

export const sshKeyPair = (passphrase?: string): KeyPair =>
  ssh2.utils.generateKeyPairSync(
    'ed25519',
    passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 1 },
  );

/** Serves bare repositories over SSH, those of each owner to who has its key alone. */
export async function sshHost(
  repositories: Readonly<Record<string, { repository: string; publicKey: string }>>,
): Promise<GitHost & { hostKey: string }> {
  const own = sshKeyPair();
  const asked: Record<string, string[]> = {};
  const server = new ssh2.Server({ hostKeys: [own.private] }, (client) => {
    let owners: string[] = [];
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => {
      if (attempt.method !== 'publickey') return attempt.reject(['publickey']);
      owners = Object.entries(repositories)
        .filter(
          ([, { publicKey }]) => publicKey.split(' ')[1] === attempt.key.data.toString('base64'),
        )
        .map(([owner]) => owner);
      return owners.length === 0 ? attempt.reject(['publickey']) : attempt.accept();
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, reject, { command }) => {
        const [, service = '', owner = ''] =
          /^(git-upload-pack) '\/?([^/]+)\/kit(?:\.git)?'$/.exec(command) ?? [];
        const found = repositories[owner];
        if (found === undefined || !owners.includes(owner)) return reject();
        register(asked, owner, owners.join());
        const channel = acceptExec();
        const git = spawn(service, [found.repository]);
        channel.pipe(git.stdin);
        git.stdout.pipe(channel, { end: false });
        git.on('close', (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
      });
    });
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  return { port, asked, hostKey: own.public, close: () => void server.close() };
}
