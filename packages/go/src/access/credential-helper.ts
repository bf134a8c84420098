import type { Credential } from './credentials.ts';

/**
 * A credential helper for git (gitcredentials(7)) in the shell that git brings along everywhere. Git asks it when a
 * server wants to know who asks, and so never instead of what is there already, such as the token that
 * actions/checkout left for the repository itself. It answers for the places of the table beside it alone, over
 * https, and over http on loopback.
 */
export const helperScript = `#!/bin/sh
[ "$1" = get ] || exit 0
protocol= host= path= found=
say() { printf 'username=%s\\npassword=%s\\n' "$user" "$password"; }
while IFS='=' read -r key value; do
  case $key in
    protocol) protocol=$value ;;
    host) host=$value ;;
    path) path=$value ;;
  esac
done
name=\${host%:*}
case $protocol:$name in
  https:*|http:127.0.0.1|http:localhost) ;;
  *) exit 0 ;;
esac
while IFS=' ' read -r where below user password; do
  case $where in
    *:*) asked=$host ;;
    *) asked=$name ;;
  esac
  case $where in
    \\*) ;;
    \\*.*) case $asked in *"\${where#?}") ;; *) continue ;; esac ;;
    "$asked") ;;
    *) continue ;;
  esac
  case /$path/ in
    "$below"*) say; exit 0 ;;
  esac
  # Git tells the path where it is configured to, which it is not for another port.
  [ -n "$path" ] || [ -n "$found" ] || found="$user $password"
done < "\${0%/*}/credentials"
[ -z "$found" ] || { user=\${found%% *} password=\${found#* }; say; }
`;

/** The table of `helperScript`, the longest path first. A password may hold anything but a space. */
export function helperTable(credentials: readonly Credential[]): string {
  const byLength = [...credentials].sort((a, b) => b.place.prefix.length - a.place.prefix.length);
  return byLength
    .map(({ place, user, password }) => {
      const where = place.port === undefined ? place.host : `${place.host}:${place.port}`;
      const below = place.prefix === '' ? '/' : `/${place.prefix}/`;
      return `${where} ${below} ${user} ${password}\n`;
    })
    .join('');
}
