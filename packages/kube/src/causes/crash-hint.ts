/**
 * What the last lines of a container that ended say about trying again: `dependency`, something else was
 * not there yet; `program`, it would end in the same way every time.
 */
export type CrashHint = 'dependency' | 'program';

/** How drivers, libc, Go, Java, Node and Python say that somebody does not answer (yet). */
const dependency = new RegExp(
  [
    'connection (?:refused|reset|timed out)|connect(?:ion)? timeout|i/o timeout|deadline exceeded',
    'ECONN(?:REFUSED|RESET)|ETIMEDOUT|E(?:HOST|NET)UNREACH|ENOTFOUND|EAI_AGAIN',
    'no route to host|network is unreachable|no such host|UnknownHost|ConnectException',
    'name or service not known|name resolution|could not translate host name|server misbehaving',
    "(?:could not|cannot|can't|can not|failed to|unable to) (?:connect|reach|ping|dial|resolve)",
    'starting up|not accepting connections|not (?:yet )?ready|no reachable servers|server selection',
    'waiting for|unavailable|LEADER_NOT_AVAILABLE|MASTERDOWN|CLUSTERDOWN|LOADING Redis',
    "(?:table|relation|schema|database) \\S+ (?:does not|doesn't) exist|no such table",
  ].join('|'),
  'i',
);
const program = new RegExp(
  [
    'exec format error|executable file not found|command not found|cannot execute binary',
    'error while loading shared libraries|GLIBC\\S* not found|symbol lookup error',
    'Cannot find module|ModuleNotFoundError|ImportError|SyntaxError|NoClassDefFound|ClassNotFound',
    'UnsupportedClassVersion|Unable to access jarfile|Could not find or load main class',
    'flag provided but not defined|un(?:known|recognized|recognised) (?:flag|option|command|argument)',
    'panic: runtime error|segmentation fault|invalid memory address',
    'missing required|(?:must be|is not|was not|not) set\\b|is required|required (?:key|variable|environment)',
    'yaml: |unexpected token|invalid (?:character|configuration|config|value|argument)',
    'permission denied|address already in use|read-only file system',
  ].join('|'),
  'i',
);

/** Exit codes of a shell or the kernel for a program that cannot run or breaks its own memory. */
const programCodes: ReadonlySet<number> = new Set([126, 127, 132, 139]);

/** What the end of a log and the exit code say; undefined when they say nothing of the kind. */
export function crashHint(log: string, exitCode: number): CrashHint | undefined {
  if (dependency.test(log)) return 'dependency';
  return programCodes.has(exitCode) || program.test(log) ? 'program' : undefined;
}
