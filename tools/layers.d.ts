export declare const layers: Readonly<Record<string, readonly string[]>>;
export declare const soleImporters: Readonly<Record<string, string>>;
