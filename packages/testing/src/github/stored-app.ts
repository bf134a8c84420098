import { verify, type KeyObject } from 'node:crypto';

/** A GitHub App that is installed for the owner of the repository. */
export interface StoredApp {
  clientId: string;
  publicKey: KeyObject;
  /** The number of its installation. */
  installation: number;
  /** Those that it made and that were not taken back. */
  tokens: string[];
}

const longestSeconds = 600;

function jsonOf(part: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Readonly<Record<string, unknown>>;
}

/** Whether an authorization is the App's own: a JWT that it signed, for ten minutes at most. */
export function isOfApp(authorization: string, { clientId, publicKey }: StoredApp): boolean {
  const [head, claims, signature] = authorization.replace(/^Bearer /, '').split('.');
  if (head === undefined || claims === undefined || signature === undefined) return false;
  const { alg } = jsonOf(head);
  const { iss, iat, exp } = jsonOf(claims);
  const isShort = Number(exp) - Number(iat) <= longestSeconds;
  const signed = Buffer.from(`${head}.${claims}`);
  const isSigned = verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'));
  return alg === 'RS256' && iss === clientId && isShort && isSigned;
}

/** Whether an authorization is a token of the App's installation. */
export function isOfInstallation(authorization: string, { tokens }: StoredApp): boolean {
  return tokens.some((token) => authorization === `Bearer ${token}`);
}
