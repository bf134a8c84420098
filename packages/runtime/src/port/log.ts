/** Where an annotation points. */
export interface AnnotationPlace {
  title?: string;
  file?: string;
  startLine?: number;
}

/**
 * The step's log. Whatever is passed in is data: an implementation keeps it from being read as a
 * workflow command, and masks secrets that were registered.
 */
export interface Log {
  /** Seen only when the user turned on step debugging. */
  debug(message: string): void;
  info(message: string): void;
  notice(message: string, place?: AnnotationPlace): void;
  warning(message: string, place?: AnnotationPlace): void;
  error(message: string, place?: AnnotationPlace): void;
  /** Runs `body` inside a foldable group; the group is closed also when `body` throws. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
}

/** Marks a value secret: from then on no log line shows it, its base64 form or any of its lines. */
export type MaskSecret = (value: string) => void;
