/**
 * Whether the go command asks a program for the credentials of private modules: an entry of GOAUTH besides
 * `off` and `netrc` (https://pkg.go.dev/cmd/go#hdr-GOAUTH_environment_variable). Such a program may log in
 * as the job.
 */
export function asksAuthProgram(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env['GOAUTH'] ?? '')
    .split(';')
    .map((entry) => entry.trim())
    .some((entry) => !['', 'off', 'netrc'].includes(entry));
}
