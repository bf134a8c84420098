/**
 * One line of `go test -json` (go doc cmd/test2json, go help buildjson): of a test, of a package when it
 * names no test, or of a build, which names an import path instead of a package.
 */
export interface TestEvent {
  Action: string;
  Package?: string;
  Test?: string;
  /** Seconds. */
  Elapsed?: number;
  Output?: string;
  /** Of a package's failure: the import path of the build that failed. Go 1.24 and later. */
  FailedBuild?: string;
  /** Of builds only. */
  ImportPath?: string;
}

const texts = ['Package', 'Test', 'Output', 'FailedBuild', 'ImportPath'] as const;

/** The event of a line; undefined for a line that is none, as what older Go versions print of builds. */
export function readTestEvent(line: string): TestEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  if (typeof fields['Action'] !== 'string') return undefined;
  const event: TestEvent = { Action: fields['Action'] };
  for (const name of texts) {
    const text = fields[name];
    if (typeof text === 'string') event[name] = text;
  }
  if (typeof fields['Elapsed'] === 'number') event.Elapsed = fields['Elapsed'];
  return event;
}
