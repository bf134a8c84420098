import { describe, expect, test } from '@jest/globals';
import { renderStepSummary, type StepSummary } from '../src/index.ts';

const hostile = [
  '<script>alert(1)</script>',
  '</td></tr></table></pre></details></summary><h1>forged</h1>',
  '<!-- the rest is gone',
  'a | b \\| c',
  '`code` ``x`` ~~~',
  '**bold** __it__ ~~s~~',
  '[link](http://evil.example) ![image](http://evil.example/x.png) [^1] [x]: /y',
  'http://evil.example/path www.evil.example a@evil.example',
  '@octocat and @org/team fix #1',
  '$x^2$ $$y$$',
  '&lt;b&gt; &#60;b&#62;',
  'a\r\n\r\n# forged\r- l\n1. n\n> q\n```\nx\n```\n\n    code\u2028| --- |\u0085***',
  '\u001b[31mred\u001b[0m \u202eevil\u0007',
  "it's",
];

/** The text between elements, as a browser shows it. */
function shown(html: string): string {
  return html
    .replaceAll('<br>', '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_entity, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('\u200b', '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

function elements(markdown: string): string[] {
  return [...new Set(markdown.match(/<[^>]*>/g))].sort();
}

function summary(text: string): StepSummary {
  return {
    title: text,
    outcome: 'failed',
    facts: [[text, text]],
    parts: [{ name: text, durationMs: 1000, note: text }],
    cause: text,
    next: text,
    details: [{ title: text, text }],
  };
}

describe('a summary', () => {
  test('tells outcome, cause and next step first, then one table, then the details', () => {
    expect(
      renderStepSummary({
        title: 'helm-atomic-upgrade: api in staging',
        outcome: 'failed',
        facts: [['release', 'api']],
        parts: [{ name: 'wait', durationMs: 4_200, note: 'gave up' }],
        cause: 'ImagePullBackOff',
        next: 'Check the tag.',
        details: [{ title: 'Log', text: '\nline 1\n\nline 2 <x>\n' }],
      }),
    ).toBe(`### helm-atomic-upgrade: api in staging: failed

**Cause:** ImagePullBackOff

**Next:** Check the tag.

| | |
| --- | --- |
| release | api |
| wait | 4.2s, gave up |

<details><summary>Log</summary>

<pre>line 1

line 2 &lt;x&gt;</pre>

</details>
`);
  });

  test('has no table when there is nothing to tell', () => {
    expect(renderStepSummary({ title: 'x', outcome: 'ok', facts: [] })).toBe('### x: done\n');
  });

  test.each(hostile)('shows %j as it is, and gives it no effect', (text) => {
    const markdown = renderStepSummary(summary(text));
    expect(
      elements(markdown).filter((element) => !['<br>', '<pre>', '</pre>'].includes(element)),
    ).toEqual(['</details>', '</summary>', '<details>', '<summary>']);
    const [outside = '', code = ''] = markdown.split(/<pre>([^]*)<\/pre>/);
    // Of Markdown's own marks only ours are left: the heading, two bold words, the table's lines.
    expect(outside.replace(/<[^>]*>/g, '').replace(/&#?\w+;/g, '')).not.toMatch(
      /[`_[\]()!~\\$^]|(?<!\*)\*(?!\*)|:\/\/|www\.|@\w+\.\w|@o/,
    );
    expect(outside.match(/^#/gm)).toHaveLength(1);
    expect(outside.match(/\*\*/g)).toHaveLength(4);
    expect(outside.match(/^\|.*\|.*\|$/gm)).toHaveLength(4);
    expect(code).not.toContain('<');
  });

  test('shows all of a text that is only unusual', () => {
    const text = '<b> & "q" `x` | \\ * _ # 1. a@b.c @me #1 it\'s name@sha256:abc';
    expect(shown(renderStepSummary({ title: text, outcome: 'ok', facts: [] }))).toBe(
      `### ${text}: done\n`,
    );
  });

  test('an image reference can be copied', () => {
    const reference = 'ghcr.io/acme/api@sha256:0a1b';
    expect(
      renderStepSummary({ title: 'x', outcome: 'ok', facts: [['image', reference]] }),
    ).toContain(`| image | ${reference} |`);
  });

  test('stays small whatever it is given', () => {
    const huge = 'x\n'.repeat(1_000_000);
    const markdown = renderStepSummary(summary(huge));
    expect(markdown.length).toBeLessThan(150_000);
    expect(markdown).toContain('(the beginning is left out)');
    expect(renderStepSummary(summary('😀'.repeat(100_000)))).not.toMatch(
      /[\ud800-\udbff](?![\udc00-\udfff])/,
    );
  });
});
