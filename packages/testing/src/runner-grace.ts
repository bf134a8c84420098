/**
 * Milliseconds that the runner leaves a step after SIGINT before it sends SIGTERM; it kills 2.5 s later
 * (actions/runner: src/Runner.Sdk/ProcessInvoker.cs). The limit for tests of a cancel: what is quicker on an
 * idle machine need not be so on a busy one.
 */
export const runnerGraceMs = 7_500;
