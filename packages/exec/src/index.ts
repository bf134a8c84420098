export { ExecError, type Exec, type ExecOptions, type ExecResult } from './exec.ts';
export { findProgram, isProgram, type ProgramLookup } from './program.ts';
export { systemExec } from './system-exec.ts';
