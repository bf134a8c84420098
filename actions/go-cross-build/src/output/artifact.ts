/** One thing that the action made, as the JSON list names it. */
export interface Artifact {
  /** `download`: a program under a name of its own, where no archives are made. */
  type: 'binary' | 'archive' | 'download' | 'sbom' | 'checksums' | 'metadata' | 'image';
  name: string;
  /** Absolute here, relative to the workspace in the list; absent for images. */
  path?: string;
  /** The program it belongs to. */
  program?: string;
  importPath?: string;
  target?: string;
  goos?: string;
  goarch?: string;
  /** Of its processor, by the variable in lower case: `goamd64: v1`. */
  levels?: Readonly<Record<string, string>>;
  /** `.exe` or `.wasm`, where the program has one. */
  ending?: string;
  /** Of an archive. */
  format?: string;
  cgo?: boolean;
  bytes?: number;
  sha256?: string;
  /** Images only. */
  digest?: string;
  tags?: readonly string[];
  platforms?: readonly string[];
  pulledBytes?: readonly number[];
}
