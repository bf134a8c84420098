export { ExecError, type Exec, type ExecOptions, type ExecResult } from './exec.ts';
export { systemExec } from './system-exec.ts';
