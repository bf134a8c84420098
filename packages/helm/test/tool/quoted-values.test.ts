import { describe, expect, test } from '@jest/globals';
import { ExecError } from '@slipway/exec';
import { createHelmRunner, readHelmError } from '../../src/tool/index.ts';
import { withoutValues } from '../../src/tool/quoted-values.ts';

/** As Helm 4.2.3 and 3.18.0 and the API server 1.36 print them; `hunter2` is the value. */
const captured: readonly (readonly [said: string, rest: string])[] = [
  [
    'Error: failed parsing --set data: key "hunter2" has no value',
    'failed parsing --set data: one of the settings is malformed',
  ],
  [
    'Error: failed parsing --set-json data a={"p":"hunter2',
    'failed parsing --set-json data: one of the settings is malformed',
  ],
  [
    'Error: failed parsing --set-literal data: key "hunter2" has no value',
    'failed parsing --set-literal data: one of the settings is malformed',
  ],
  [
    "Error: failed to parse v.yaml: error converting YAML to JSON: yaml: unknown anchor 'hunter2' referenced",
    'failed to parse v.yaml: error converting YAML to JSON: yaml: unknown anchor',
  ],
  [
    'Error: YAML parse error on web/templates/a.yaml: error converting YAML to JSON: yaml: line 3: cannot unmarshal !!str `hunter2` into map',
    'YAML parse error on web/templates/a.yaml: error converting YAML to JSON: yaml: line 3: cannot unmarshal !!str into map',
  ],
  [
    'Error: template: web/templates/b.yaml:1:16: executing "web/templates/b.yaml" at <mustToDate "2006" .Values.note>: error calling mustToDate: parsing time "hunter2" as "2006": cannot parse "hunter2" as "2006"',
    'template: web/templates/b.yaml:1:16: executing "web/templates/b.yaml" at <mustToDate "2006" .Values.note>: error calling mustToDate: parsing time a value: it cannot be parsed',
  ],
  [
    'Error: template: web/templates/b.yaml:1:3: executing "web/templates/b.yaml" at <tpl .Values.note .>: error calling tpl: cannot parse template "hunter2 {{ \\"x\\" | foo }}": template: gotpl:1: function "foo" not defined',
    'template: web/templates/b.yaml:1:3: executing "web/templates/b.yaml" at <tpl .Values.note .>: error calling tpl: cannot parse template: template: gotpl:1: function "foo" not defined',
  ],
  [
    "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n- at '/note': 'hunter2' does not match pattern '^x'\n- at '/mail': 'hunter2' is not valid email: missing @ in hunter2\n- at '/pin': minimum: got 12345678, want 1e+09",
    "values don't meet the specifications of the schema(s) in the following chart(s): web: - at '/note': it does not match pattern '^x' - at '/mail': it is not valid email - at '/pin': minimum: got another, want 1e+09",
  ],
  [
    'Error: UPGRADE FAILED: server-side apply failed for object shop/web apps/v1, Kind=Deployment: failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="main"].env[name="A"].value: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"x":"hunter2"}}',
    'server-side apply failed for object shop/web apps/v1, Kind=Deployment: failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="main"].env[name="A"].value: expected string, got something else',
  ],
  [
    'Error: v1.EnvVar.Value: ReadString: expects " or n, but found 1, error found in #10 byte of ...|,"value":"hunter2"}]|..., bigger context ...|{"name":"A","value":"hunter2"}]}|...',
    'v1.EnvVar.Value: ReadString: expects " or n, but found 1, error found in #10 byte (left out)',
  ],
  [
    'Error: UPGRADE FAILED: Deployment.apps "web" is invalid: spec.template.spec.containers[0].args[1]: Invalid value: "hunter2 \\"x\\"": no',
    'Deployment.apps "web" is invalid: spec.template.spec.containers[0].args[1]: Invalid value: (left out): no',
  ],
  [
    'Error: looks like "https://robot:hunter2@charts.example.com?sig=hunter2" is not a valid chart repository',
    'looks like "https://***@charts.example.com?sig=***" is not a valid chart repository',
  ],
  [
    'Error: error calling urlParse: unable to parse url: parse "postgres://api:hunt/er2@db": invalid port ":hunt" after host',
    'error calling urlParse: unable to parse url: parse an address: invalid port after host',
  ],
  [
    `Error: unable to decode "": Object 'Kind' is missing in '{"data":{"password":"hunter2"}}'`,
    `unable to decode "": Object 'Kind' is missing in an object`,
  ],
  [
    'Error: error calling mustDuration: time: invalid duration "hunter2"',
    'error calling mustDuration: time: invalid duration',
  ],
  [
    'Error: warning: cannot overwrite table with non table for web.db (map[password:hunter2])',
    'warning: cannot overwrite table with non table for web.db',
  ],
];

describe('what Helm prints', () => {
  test.each(captured)('%j loses the value and keeps the place', (said, rest) => {
    expect(readHelmError(said, '').message).toBe(rest);
  });

  test.each([
    'spec.template.spec.containers[0].env[0].name: Invalid value: "A B": a valid name',
    "at '/port': value must be one of 'http', 'https'",
    'web/templates/a.yaml:3:4: the value note is required',
    'Get "https://charts.example.com/index.yaml": dial tcp: no such host',
  ])('%j stays: there is no value in it, or one that names something', (said) => {
    expect(withoutValues(said)).toBe(said);
  });

  test.each([
    "yaml: unknown anchor '",
    'cannot unmarshal !!str `',
    "at 'a': '",
    'Invalid value: {',
    'Invalid value: map[',
    'error found in #10 byte of ...|',
    'data.',
    'failed calling webhook ',
    'cannot parse "',
    'parse "a": b "',
  ])('is read in a time that grows with its length alone, whatever it repeats: %j', (begin) => {
    const said = begin.repeat(1_000_000 / begin.length);
    const before = process.cpuUsage();
    expect(readHelmError(`Error: ${said}\nx`, '').message).not.toBe('');
    // Of the processor, some hundredths of a second; when it looks to the end from every begin, 9 s and more.
    expect(process.cpuUsage(before).user).toBeLessThan(6_000_000);
  });

  test('is without values in every error of a Helm command, its causes included', async () => {
    const stderr = 'log: x\nError: failed parsing --set-json data hunter2\n';
    const said = { file: 'helm', exitCode: 1, stderr };
    const runner = createHelmRunner(
      () => Promise.reject(new ExecError(`helm upgrade failed with exit code 1:\n${stderr}`, said)),
      { path: 'helm', version: '4.2.3', major: 4 },
    );
    const error = await runner.run(['upgrade']).catch((thrown: unknown) => thrown as ExecError);
    expect(error).toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^helm upgrade failed with exit code 1:\nlog: x\n/),
    });
    expect(JSON.stringify([error, (error as ExecError).message])).not.toContain('hunter2');
  });
});
