/**
 * The pairs of a GITHUB_OUTPUT, GITHUB_ENV or GITHUB_STATE file: `NAME=VALUE` lines and heredocs
 * `NAME<<DELIMITER`. Throws where the runner fails the step (actions/runner:
 * src/Runner.Worker/FileCommandManager.cs).
 */
export function parseFileCommands(text: string): Record<string, string> {
  const pairs = Object.create(null) as Record<string, string>;
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      pairs[line.slice(0, equals)] = line.slice(equals + 1);
      continue;
    }
    const name = line.slice(0, heredoc);
    const delimiter = line.slice(heredoc + 2).replace(/\r$/, '');
    if (heredoc <= 0 || delimiter === '') throw new Error(`Invalid format '${line}'.`);
    const end = lines.findIndex(
      (candidate, at) => at > index && candidate.replace(/\r$/, '') === delimiter,
    );
    if (end < 0) throw new Error(`Matching delimiter not found '${delimiter}'.`);
    pairs[name] = lines.slice(index + 1, end).join('\n');
    index = end;
  }
  return pairs;
}
