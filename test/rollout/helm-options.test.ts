import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { listenOnAnyPort } from '@slipway/testing';
import { optionsPlace } from './options-chart.ts';

jest.setTimeout(300_000);

const run = promisify(execFile);

describe.each(['v4', 'v3'] as const)('with Helm %s', (major) => {
  const place = optionsPlace('options', major);

  test('values of every kind come out as from the flags of plain Helm', async () => {
    const below = await place.write(
      'below.yaml',
      'list: [{ of: file, port: 80 }, { of: b }]\nf: { a: 1 }\n',
    );
    const text = await place.write('text.txt', 'from a file,\nwith two=lines\n');
    const server = createServer((_, response) => response.end('afar: true\nf: { b: 2 }\n'));
    const url = `http://127.0.0.1:${await listenOnAnyPort(server)}/v.yaml`;
    try {
      const settings = {
        'set-json': ['json={"deep":[1,null,"x"]}', 'order="json"', 'list[0].port=81'],
        set: ['list[1].of=set', 'order=set', 'list[2].of=new', 'gone=null', 'on=true'],
        'set-string': ['order=string', 'number=1', 'on=true'],
        'set-file': [`order=${text}`],
      };
      const inputs = Object.entries(settings).map(([name, lines]) => [name, lines.join('\n')]);
      const { main } = await place.fixture.step(
        {
          release: 'values',
          chart: 'chart',
          ...{ 'value-files': `below.yaml\n${url}`, values: 'gone: 1\ninline: yes\n' },
          ...(Object.fromEntries(inputs) as Record<string, string>),
        },
        { workspace: place.workspace },
      );
      expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
      const inline = await place.write('inline.yaml', 'gone: 1\ninline: yes\n');
      const flags = Object.entries(settings).flatMap(([name, lines]) =>
        lines.flatMap((line) => [`--${name}`, line]),
      );
      const files = [below, url, inline].flatMap((file) => ['--values', file]);
      const chart = path.join(place.workspace, 'chart');
      const args = ['template', 'values', chart, ...files, ...flags];
      const { stdout } = await run(place.fixture.lab.helm[major], args);
      const plain = /^data: { values: '(.*)' }$/m.exec(stdout)?.[1];
      const deployed = await place.get('configmap', 'values', '-o', 'jsonpath={.data.values}');
      expect(JSON.parse(deployed)).toEqual(JSON.parse(plain ?? ''));
    } finally {
      server.close();
    }
  });

  test('values that do not fit the schema are refused, unless it is not asked', async () => {
    const inputs = { release: 'unfit', set: 'size=large' };
    const refused = await place.step(inputs);
    expect(refused.main.exitCode).toBe(1);
    expect(refused.main.annotations.at(0)?.message).toContain('schema-validation: false');
    const { main } = await place.step({ ...inputs, 'schema-validation': 'false' });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
  });

  test('a revision has the description and the labels that were given', async () => {
    const told = { description: '--release of "today", #42', labels: 'team=payments\ntier=back' };
    const { main } = await place.step({ release: 'told', ...told });
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    const history = await place.fixture.helm('history', 'told', '-o', 'json');
    expect(JSON.parse(history)).toMatchObject([{ description: told.description }]);
    const listed = await place.fixture.helm(
      'list',
      '--selector',
      'team=payments,tier=back',
      '--short',
    );
    expect(listed.trim()).toBe('told');
  });

  test('a post-renderer of the checkout changes what is deployed, with its arguments as they are', async () => {
    const program = await place.write(
      'with blanks/$HOME.sh',
      '#!/bin/sh\nsed "s/before-the-render/$(printf %s "$1" | base64)/"\n',
    );
    await fs.chmod(program, 0o755);
    const inputs = {
      release: 'rendered',
      set: 'a=before-the-render',
      'post-renderer': './with blanks/$HOME.sh',
      'post-renderer-args': '--$HOME, "and" more',
    };
    const { main } = await place.step(inputs);
    expect(main.outputs).toMatchObject({ status: 'deployed', changed: 'true' });
    const values = await place.get('configmap', 'rendered', '-o', 'jsonpath={.data.values}');
    const { a } = JSON.parse(values) as { a: string };
    expect(Buffer.from(a, 'base64').toString()).toBe('--$HOME, "and" more');
    expect((await place.step(inputs)).main.outputs).toMatchObject({ changed: 'false' });

    await place.write('with blanks/$HOME.sh', '#!/bin/sh\nexit 3\n');
    const failed = await place.step(inputs);
    expect(failed.main.exitCode).toBe(1);
    expect(failed.main.annotations.at(0)?.message).toContain(
      'The post-renderer did not do its work',
    );
    const absent = await place.step({ ...inputs, 'post-renderer': 'no-such-program' });
    expect(absent.main.annotations.at(0)?.message).toContain('no program no-such-program');
  });

  test('a dry run says what would change, or be refused, and writes nothing', async () => {
    const { namespace, kubectl } = place.fixture;
    const absent = `${namespace}-absent`;
    const bare = { release: 'dry', 'dry-run': 'true' };
    const first = await place.step({ ...bare, namespace: absent, 'create-namespace': 'true' });
    expect(first.main.outputs).toMatchObject({ 'would-change': 'true', status: 'uninstalled' });
    expect(await kubectl('get', 'namespace', absent, '--ignore-not-found')).toBe('');

    await place.step({ release: 'dry', set: 'a=1' });
    const before = await place.get(
      'secrets,configmaps,leases',
      '-o',
      'jsonpath={.items[*].metadata}',
    );
    const { main, post } = await place.step({ ...bare, set: 'a=2' });
    expect(main.exitCode).toBe(0);
    expect(main.outputs).toMatchObject({ changed: 'false', 'would-change': 'true', revision: '1' });
    expect(main.summary).toContain('ConfigMap/dry changes');
    expect(main.summary).toContain('dry run');
    expect(post.exitCode).toBe(0);
    const same = await place.step({ ...bare, set: 'a=1' });
    expect(same.main.outputs).toMatchObject({ changed: 'false', 'would-change': 'false' });
    const refused = await place.step({ ...bare, set: 'replicas=-1' });
    expect(refused.main.exitCode).toBe(1);
    expect(refused.main.outputs['reason']).toMatch(/Deployment/);
    const after = await place.get(
      'secrets,configmaps,leases',
      '-o',
      'jsonpath={.items[*].metadata}',
    );
    expect(after).toBe(before);
  });

  test('a namespace that is made has the labels and annotations that were given', async () => {
    const namespace = `${place.fixture.namespace}-made`;
    const { kubectl } = place.fixture;
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
    try {
      const { main } = await place.step({
        namespace,
        'create-namespace': 'true',
        'namespace-labels': 'pod-security.kubernetes.io/enforce=baseline\nteam=a',
        'namespace-annotations': 'example.com/contact=a team, with a comma',
      });
      expect(main.outputs).toMatchObject({ status: 'deployed' });
      const made = await kubectl('get', 'namespace', namespace, '-o', 'json');
      expect((JSON.parse(made) as { metadata: unknown }).metadata).toMatchObject({
        labels: { 'pod-security.kubernetes.io/enforce': 'baseline', team: 'a' },
        annotations: { 'example.com/contact': 'a team, with a comma' },
      });
    } finally {
      await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
    }
  });
});
