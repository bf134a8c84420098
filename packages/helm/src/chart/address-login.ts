/**
 * The part of a repository's address that lets somebody in: the password of `https://user:password@host`,
 * or the token that stands alone where the user would. In the form in which it is written, since that is
 * how Helm and our own messages repeat it. Undefined where there is none.
 */
export function addressLogin(address: string): string | undefined {
  const [, user = '', , password = ''] =
    /^[a-z][a-z0-9+.-]*:\/\/([^/?#:@]*)(:([^/?#]*))?@/i.exec(address) ?? [];
  const secret = password === '' ? user : password;
  return secret === '' ? undefined : secret;
}
