import { expect, test } from '@jest/globals';
import { objectName, parseManifest } from '../src/release/index.ts';

const names = (manifest: string): string[] => parseManifest(manifest).map(objectName);

const configMap = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

test('documents that are empty or only comments are passed over', () => {
  const manifest = [
    ...['---', '# Source: api/templates/off.yaml', '# all of it is switched off', '---'],
    ...['# Source: api/templates/a.yaml', configMap('a'), '---', '---', configMap('b')],
  ].join('\n');
  expect(names(manifest)).toEqual(['ConfigMap/a', 'ConfigMap/b']);
});

test('what Helm deploys is read, also where YAML is stricter than Helm', () => {
  const manifest = `${configMap('a')}data: {\n  "x": "1",\n"y": "2"\n}\nkind: Secret\n`;
  const [object] = parseManifest(manifest);
  expect(object).toMatchObject({ kind: 'Secret', data: { x: '1', y: '2' }, source: manifest });
});

test('an object of a List goes to the API server with the values that it has for Go', () => {
  const item = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
  const manifest = `apiVersion: v1\nkind: List\nitems:\n- ${JSON.stringify(item).slice(0, -1)}, "spec": {"mode": 0644}}\n- not an object\n`;
  const objects = parseManifest(manifest);
  expect(objects.map(objectName)).toEqual(['Pod/a']);
  expect(JSON.parse(objects[0]?.source ?? '')).toEqual({ ...item, spec: { mode: 420 } });
});

test('a manifest that is no YAML is refused without its text', () => {
  const read = (): unknown => parseManifest(`${configMap('a')}data: {password: hunter2\n`);
  expect(read).toThrow(/^The manifest of the release is not valid YAML \(line 6, column 1\)/);
  expect(read).not.toThrow(/hunter2/);
});
