export declare const roots: Readonly<
  Record<
    'unit' | 'contract' | 'workflows' | 'parts' | 'lab' | 'rollout' | 'full',
    readonly string[]
  >
>;
