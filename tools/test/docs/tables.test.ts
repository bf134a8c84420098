import { describe, expect, test } from '@jest/globals';
import type { ActionMetadata } from '../../docs/action-metadata.ts';
import { withTables } from '../../docs/tables.ts';

const metadata: ActionMetadata = {
  name: 'x',
  description: '',
  author: undefined,
  branding: {},
  runs: {},
  inputs: [
    {
      name: 'chart',
      description: 'A | b.',
      required: true,
      default: undefined,
      deprecationMessage: undefined,
    },
    {
      name: 'wait',
      description: 'How long.',
      required: false,
      default: '5m',
      deprecationMessage: 'Use timeout.',
    },
    {
      name: 'set',
      description: 'Values.',
      required: false,
      default: 'a=1\nb=2\n',
      deprecationMessage: undefined,
    },
    {
      name: 'none',
      description: 'Nothing.',
      required: false,
      default: '',
      deprecationMessage: undefined,
    },
  ],
  outputs: [],
};

describe('the tables of a README', () => {
  test('stand between their markers, the rest stays', () => {
    const readme =
      'before\n<!-- inputs:start -->\nold\n<!-- inputs:end -->\nbetween\n<!-- outputs:start --><!-- outputs:end -->\nafter\n';
    const written = withTables(readme, metadata);
    expect(written).toBe(`before
<!-- inputs:start -->
| input | what it is | default |
| --- | --- | --- |
| \`chart\` | A \\| b. | **required** |
| \`wait\` | How long. Deprecated: Use timeout. | \`5m\` |
| \`set\` | Values. | \`a=1 …\` |
| \`none\` | Nothing. |  |
<!-- inputs:end -->
between
<!-- outputs:start -->
None.
<!-- outputs:end -->
after
`);
    expect(withTables(written, metadata)).toBe(written);
  });

  test('need their markers', () => {
    expect(() => withTables('<!-- inputs:start --><!-- inputs:end -->', metadata)).toThrow(
      'it lacks the markers <!-- outputs:start -->',
    );
  });
});
