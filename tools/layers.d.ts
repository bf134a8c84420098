export declare const layers: Readonly<Record<string, readonly string[]>>;
export declare const soleImporters: Readonly<Record<string, string>>;
export declare const folders: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
