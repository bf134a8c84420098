/** HTML-escapes text. */
export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** The elements and entities that summaries are made with; all other markup is shown as text. */
const elements = /&lt;(\/?(?:details|summary|pre|br|code)|details open)&gt;/g;
const entities = /&amp;(#\d{1,6}|amp|lt|gt|quot);/g;

function inline(text: string): string {
  return escapeHtml(text)
    .replace(elements, '<$1>')
    .replace(entities, '&$1;')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/`([^`]+)`/g, '<code>$1</code>');
}

function cells(line: string): string[] {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split('|')
    .map((cell) => inline(cell.trim()));
}

function table(lines: readonly string[]): string {
  const [head = '', , ...body] = lines;
  const header = cells(head);
  const row = (tag: string, values: readonly string[]): string =>
    `<tr>${values.map((value) => `<${tag}>${value}</${tag}>`).join('')}</tr>`;
  const top = header.some((cell) => cell !== '') ? `<thead>${row('th', header)}</thead>` : '';
  return `<div class="scroll"><table>${top}<tbody>${body.map((line) => row('td', cells(line))).join('')}</tbody></table></div>`;
}

/**
 * Job summaries as HTML: the part of GitHub-flavoured Markdown that the actions write (headings,
 * tables, bold, folded details). Nothing else gets through as markup.
 */
export function summaryHtml(markdown: string): string {
  const out: string[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    if (line.startsWith('|')) {
      const end = lines.findIndex((other, index) => index > at && !other.startsWith('|'));
      const stop = end < 0 ? lines.length : end;
      out.push(table(lines.slice(at, stop)));
      at = stop;
      continue;
    }
    const heading = /^(#{1,4}) (.*)$/.exec(line);
    if (heading !== null) out.push(`<h4>${inline(heading[2] ?? '')}</h4>`);
    else if (line.trim() === '<pre>') {
      const end = lines.findIndex((other, index) => index > at && other.trim() === '</pre>');
      const stop = end < 0 ? lines.length : end;
      out.push(
        `<pre>${lines
          .slice(at + 1, stop)
          .map(inline)
          .join('\n')}</pre>`,
      );
      at = stop;
    } else if (/^<\/?(?:details|pre)/.test(line)) out.push(inline(line));
    else if (line.trim() !== '') out.push(`<p>${inline(line)}</p>`);
    at += 1;
  }
  return out.join('\n');
}
