import { betweenMarkers } from './markers.ts';
import type { ActionMetadata, DeclaredInput } from './action-metadata.ts';

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function defaultOf({ required, default: value }: DeclaredInput): string {
  if (required) return '**required**';
  if (value === undefined || value === '') return '';
  const [first = '', ...others] = value.trimEnd().split('\n');
  return `\`${cell(first)}${others.length === 0 ? '' : ' …'}\``;
}

function inputsTable({ inputs }: ActionMetadata): string {
  if (inputs.length === 0) return 'None.';
  return [
    '| input | what it is | default |',
    '| --- | --- | --- |',
    ...inputs.map((input) => {
      const { name, description, deprecationMessage } = input;
      const note = deprecationMessage === undefined ? '' : ` Deprecated: ${deprecationMessage}`;
      return `| \`${name}\` | ${cell(description + note)} | ${defaultOf(input)} |`;
    }),
  ].join('\n');
}

function outputsTable({ outputs }: ActionMetadata): string {
  if (outputs.length === 0) return 'None.';
  return [
    '| output | what it is |',
    '| --- | --- |',
    ...outputs.map(({ name, description }) => `| \`${name}\` | ${cell(description)} |`),
  ].join('\n');
}

/**
 * `readme` with what stands between its markers (`<!-- inputs:start -->` … `<!-- inputs:end -->`, and the
 * same for outputs) made anew from `metadata`. Throws when a marker is missing.
 */
export function withTables(readme: string, metadata: ActionMetadata): string {
  const tables = { inputs: inputsTable(metadata), outputs: outputsTable(metadata) };
  return Object.entries(tables).reduce(
    (text, [name, table]) => betweenMarkers(text, name, table),
    readme,
  );
}
