import { createHmac, randomBytes } from 'node:crypto';

/** One scope of a token: a ref, and what the bearer may do there. */
export interface CacheScope {
  scope: string;
  permission: 'read' | 'write' | 'read-write';
}

const bits = { read: 1, write: 2, 'read-write': 3 } as const;
const permissions = ['read', 'write', 'read-write'] as const;

/** What a server reads out of a bearer token. */
export interface TokenClaims {
  scopes: readonly CacheScope[];
}

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Makes and checks tokens shaped like the runner's: a JWT whose `ac` claim is a JSON list of scopes. */
export interface TokenMint {
  issue(scopes: readonly CacheScope[]): string;
  /** Undefined when the token was not issued here. */
  read(token: string): TokenClaims | undefined;
}

/** A mint with a key of its own. */
export function createTokenMint(): TokenMint {
  const key = randomBytes(32);
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  return {
    issue: (scopes) => {
      const ac = scopes.map(({ scope, permission }) => ({
        Scope: scope,
        Permission: bits[permission],
      }));
      const claims = {
        ac: JSON.stringify(ac),
        scp: 'Actions.ExampleScope Actions.Results:ce7f54c7-61c7-4aae-887f-30da475f5f1a:ca395085-040a-526b-2ce8-bdc85f692774',
        exp: 4_102_444_800,
      };
      const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
      return `${head}.${sign(head)}`;
    },
    read: (token) => {
      const [header = '', body = '', signature = ''] = token.split('.');
      if (signature === '' || signature !== sign(`${header}.${body}`)) return undefined;
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { ac: string };
      const ac = JSON.parse(claims.ac) as { Scope: string; Permission: number }[];
      return {
        scopes: ac.map(({ Scope, Permission }) => ({
          scope: Scope,
          permission: permissions[Permission - 1] ?? 'read',
        })),
      };
    },
  };
}
