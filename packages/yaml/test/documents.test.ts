import { describe, expect, test } from '@jest/globals';
import { errorReport, InputError } from '@slipway/runtime';
import { readYaml, readYamlDocuments } from '../src/index.ts';

const strict = (yaml: string): unknown => readYaml(yaml, { name: 'slipway.yml', rules: 'strict' });
const helm = (yaml: string): unknown => readYaml(yaml, { name: 'values.yaml', rules: 'helm' });

describe('a text without a document', () => {
  test.each([
    '',
    '\n',
    '# only a comment\n',
    '---\n',
    '--- # nothing\n',
    'null',
    '~\n',
    '---\n---\n',
  ])('%j gives none, under either rules', (yaml) => {
    expect([strict(yaml), helm(yaml), readYamlDocuments(yaml, { name: 'm' })]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  });
});

describe('the documents of a text', () => {
  test('come without the empty and the comment-only ones, each with its own text', () => {
    const yaml = [
      ...['---', '# Source: api/templates/empty.yaml', '---', '# Source: api/templates/a.yaml'],
      ...['kind: A', '--- # a comment', '', '---', 'kind: B', 'text: |', '  ---', '  kind: C', ''],
    ].join('\n');
    expect(readYamlDocuments(yaml, { name: 'm' })).toEqual([
      { value: { kind: 'A' }, source: '\n# Source: api/templates/a.yaml\nkind: A\n' },
      {
        value: { kind: 'B', text: '---\nkind: C\n' },
        source: '\nkind: B\ntext: |\n  ---\n  kind: C\n',
      },
    ]);
  });

  test.each<[string, unknown[]]>([
    ['a: 1\r\n---\r\nb: 2\r\n', [{ a: 1 }, { b: 2 }]],
    ['\ufeffa: 1\n--- {b: 2}\n', [{ a: 1 }, { b: 2 }]],
    ['a: 1\n---', [{ a: 1 }]],
    ['a: 1\n...\nnot read: by Kubernetes\n---\nb: 2', [{ a: 1 }, { b: 2 }]],
    ['a: 1\n---b: 2', [{ a: 1 }, { b: 2 }]],
    ['a: 1\na: 2', [{ a: 2 }]],
  ])('%j are found', (yaml, values) => {
    expect(readYamlDocuments(yaml, { name: 'm' }).map(({ value }) => value)).toEqual(values);
  });

  test('that are no YAML are named by their line in the whole text', () => {
    const yaml = 'a: 1\n---\nb: 2\n---\nc: 3\nd: [\n';
    expect(() => readYamlDocuments(yaml, { name: 'the manifest' })).toThrow(
      'the manifest is not valid YAML (line 7, column 1): unexpected end of the stream within a flow collection.',
    );
  });
});

describe('under the strict rules', () => {
  test('a text is YAML 1.2', () => {
    expect(strict('a: off\nb: 0755\nc: 2024-01-02\nd: 1e3\ne: true\nf: 0o17')).toEqual({
      ...{ a: 'off', b: 755, c: '2024-01-02', d: 1000, e: true, f: 15 },
    });
  });

  test.each<[string, string, string]>([
    ['a key twice', 'a: 1\nb: 2\na: 3', '(line 3, column 1): a key is there twice in one mapping'],
    ['two documents', 'a: 1\n---\nb: 2', 'has 2 YAML documents where one is needed'],
    ['an unknown tag', 'a: !secret x', 'unknown tag'],
  ])('%s: refused', (_, yaml, why) => {
    expect(() => strict(yaml)).toThrow(why);
  });
});

describe('hostile YAML is refused', () => {
  const laughs = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let n = 1; n < 10; n += 1)
    laughs.push(
      `a${n}: &a${n} [${Array<string>(10)
        .fill(`*a${n - 1}`)
        .join(', ')}]`,
    );
  const chain = ['a0: &a0 [x]'];
  for (let n = 1; n < 5000; n += 1) chain.push(`a${n}: &a${n} [*a${n - 1}]`);
  const wide = `a: &a {${Array.from({ length: 2000 }, (_, n) => `k${n}: 1`).join(', ')}}`;
  const merges = `${wide}\nb:\n${'- {<<: *a}\n'.repeat(2000)}`;

  test.each<[string, string, RegExp]>([
    [
      'ten lines that stand for ten billion values',
      laughs.join('\n'),
      /too large|more than 1000000 values/,
    ],
    ['an alias inside its own anchor', 'a: &a [1, *a]', /more than 200 levels deep/],
    ['aliases that nest', chain.join('\n'), /more than 200 levels deep/],
    ['deep nesting', `a: ${'['.repeat(100_000)}`, /nested too deep/],
    ['deep nesting of blocks', '- '.repeat(100_000), /nested too deep/],
    ['merges upon merges', merges, /merges \(<<\) copy too many keys/],
    ['a text that is too long', 'a'.repeat(17 * 1024 * 1024), /larger than the 16777216 bytes/],
  ])('%s', (_, yaml, why) => {
    // Unbounded they take minutes or all memory, and are not refused in these words.
    expect(() => helm(yaml)).toThrow(why);
  });

  test('but aliases as people use them are not', () => {
    const yaml = `base: &base { image: api }\nitems:\n${'- *base\n'.repeat(1000)}`;
    expect(helm(yaml)).toMatchObject({ base: { image: 'api' }, items: { length: 1000 } });
  });
});

describe('an error', () => {
  const secret = 'hunter2';
  const pieces = [
    ...[
      secret,
      `${secret}: `,
      `&${secret} `,
      `*${secret} `,
      `!${secret} `,
      `!!${secret} `,
      '"',
      "'",
    ],
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      '|',
      '>',
      '- ',
      '? ',
      ': ',
      '\n',
      '\n  ',
      '\t',
      '#',
      '%',
      `%TAG !${secret}! `,
    ],
    ...[
      `!<${secret}> `,
      `!${secret}!x `,
      '@',
      '`',
      '<<: ',
      '\u0001',
      `!${secret}%zz `,
      `"\\${secret}`,
    ],
  ];

  test('never holds a word of the text, nor a cause that does', () => {
    let state = 1;
    const next = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    const errors: unknown[] = [];
    for (let round = 0; round < 2_000; round += 1) {
      const yaml = Array.from({ length: 2 + next(8) }, () => pieces[next(pieces.length)]).join('');
      for (const read of [strict, helm])
        try {
          read(yaml);
        } catch (error) {
          errors.push(error);
        }
    }
    expect(errors.filter((error) => !(error instanceof InputError))).toEqual([]);
    const reports = errors.map(errorReport);
    expect(reports.filter((report) => report.includes(secret))).toEqual([]);
    const reasons = new Set(reports.map((report) => report.replace(/^.*?\)?: /, '')));
    // It met js-yaml's reasons that quote, among others.
    expect(reasons.size).toBeGreaterThan(20);
  });

  test('says what to do next', () => {
    const read = (): unknown => readYaml('[', { name: 'it', rules: 'helm', next: 'Close it.' });
    expect(read).toThrow(expect.objectContaining({ next: 'Close it.' }));
  });
});

describe('work that a text cannot make', () => {
  const read = (text: string) => () => readYaml(text, { name: 'values.yaml', rules: 'helm' });

  test('a key made of a list of aliases is refused before it is written out', () => {
    const text = `a: &s "${'x'.repeat(1024 * 1024)}"\n? [${'*s,'.repeat(100)}]\n: 1`;
    expect(read(text)).toThrow('values.yaml cannot be used: with its aliases (*) written out');
    const nested = `a: &a "${'x'.repeat(1000)}"\nb: &b [${'*a,'.repeat(300)}]\n? [${'*b,'.repeat(300)}]\n: 1`;
    expect(read(nested)).toThrow('written out it is too large');
  });

  test('many keys made of one long list are refused before they are written out', () => {
    const long = `s: &s ${'x'.repeat(20_000)}\na: &a [${Array(3000).fill('*s').join()}]\n`;
    const text = `${long}b:\n${'- ? *a\n'.repeat(2_000)}`;
    expect(read(text)).toThrow('values.yaml cannot be used: with its aliases (*) written out');
  });

  test('a short list of aliases is a list', () => {
    expect(read('a: &s x\nb: [*s, *s]')()).toEqual({ a: 'x', b: ['x', 'x'] });
  });

  test('a million digits are no number', () => {
    const digits = '9'.repeat(1_000_000);
    expect(read(`a: ${digits}`)()).toEqual({ a: digits });
    expect(read(`a: 0x${'f'.repeat(1_000_000)}`)()).toEqual({ a: `0x${'f'.repeat(1_000_000)}` });
    expect(
      read('a: 0b0000000000000000000000000000000000000000000000000000000000000000000001')(),
    ).toEqual({ a: 1 });
  });

  test('a directive of a megabyte is refused', () => {
    expect(read(`%TAG !a! tag:${'x'.repeat(2_000)}\n---\n- !a!b c`)).toThrow(
      'has a directive of over',
    );
  });
});
