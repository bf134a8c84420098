export declare const longFunctions: readonly string[];
export declare const nestedTernaries: readonly string[];
export declare const doubledNames: readonly string[];
