import { checkSettings, isUrl, keyAndValue, parseSetLines, type ValueSources } from '@slipway/helm';
import { confineReal, quoted, type InputReader, type RunnerEnvironment } from '@slipway/runtime';

/** The address, or the absolute path of a file that an input may name. */
function readPlace(
  read: InputReader,
  { workspace, tempDir }: RunnerEnvironment,
  name: string,
  text: string,
): string {
  if (isUrl(text)) {
    if (URL.parse(text) === null) read.problem(`${name}: an entry is no address.`);
    return text;
  }
  const path = confineReal(workspace, text) ?? confineReal(tempDir, text);
  if (path === undefined)
    read.problem(
      `${name}: ${quoted(text)} is outside the workspace and the runner's temp folder, or leads out by a link.`,
    );
  return path ?? '';
}

/** Reads and checks the inputs that values come from. */
export function readValueInputs(read: InputReader, runner: RunnerEnvironment): ValueSources {
  const set = read.list('set');
  read.check('set', () => parseSetLines(set));
  const setJson = read.list('set-json');
  read.check('set-json', () => checkSettings({ json: setJson }));
  const setString = read.list('set-string');
  read.check('set-string', () => checkSettings({ texts: setString }));
  const setFile = read.list('set-file').flatMap((line, index) => {
    const entry = read.check('set-file', () => {
      try {
        return keyAndValue(line);
      } catch {
        throw new Error(`line ${index + 1} is not key=path`);
      }
    });
    if (entry === undefined) return [];
    const [key, place] = entry;
    return [{ key, place: readPlace(read, runner, 'set-file', place) }];
  });
  read.check('set-file', () => checkSettings({ texts: setFile.map(({ key }) => `${key}=`) }));
  return {
    files: read.list('value-files').map((place) => readPlace(read, runner, 'value-files', place)),
    inline: read.documents('values').map(({ label, text }) => ({ name: label, yaml: text })),
    setJson,
    set,
    setString,
    setFile,
  };
}
