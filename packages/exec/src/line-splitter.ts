import { StringDecoder } from 'node:string_decoder';

/** A longer line is handed on in pieces, so that a tool without line ends cannot fill the memory. */
const maxLineLength = 65_536;

/** Cuts a stream of bytes into lines. */
export interface LineSplitter {
  write(chunk: Buffer): void;
  /** Hands on what is left without a line end. */
  end(): void;
}

/**
 * Calls `onLine` for each line of UTF-8 text, without its end: CR, LF or both, as the runner ends lines
 * (a progress bar's lone CR too). Characters and CRLF cut by a chunk's end are put together again.
 */
export function lineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let afterCr = false;
  const take = (given: string): void => {
    if (given === '') return;
    const text = afterCr && given.startsWith('\n') ? given.slice(1) : given;
    afterCr = given.endsWith('\r');
    const [first = '', ...others] = text.split(/\r\n?|\n/);
    rest += first;
    for (const next of others) {
      onLine(rest);
      rest = next;
    }
    while (rest.length > maxLineLength) {
      onLine(rest.slice(0, maxLineLength));
      rest = rest.slice(maxLineLength);
    }
  };
  return {
    write: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
