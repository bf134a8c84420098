/** Longer than the number of any record that fits in memory. */
const longestNumber = 20;

const names = new Set(['path', 'linkpath', 'uname', 'gname']);

// Go takes no number of more than 63 bits.
const integer = /^[+-]?0*\d{1,18}$/;
const time = /^[+-]?0*\d{1,18}(?:\.\d*)?$/;
const shapes: Readonly<Record<string, RegExp>> = {
  uid: integer,
  gid: integer,
  size: integer,
  atime: time,
  ctime: time,
  mtime: time,
};

/** One record, `%d %s=%s\n`, and where the next one begins. */
function recordAt(body: Buffer, offset: number): { key: string; value: string; next: number } {
  const space = body.subarray(offset, offset + longestNumber).indexOf(' ');
  const digits = body.toString('latin1', offset, offset + Math.max(space, 0));
  const next = offset + Number(digits);
  const start = offset + space + 1;
  const whole = /^\d+$/.test(digits) && next > start && next <= body.length;
  if (!whole || body[next - 1] !== 0x0a) throw new Error('a pax record has a wrong length');
  const equals = body.subarray(start, next - 1).indexOf('=');
  if (equals < 1) throw new Error('a pax record has no key');
  const key = body.toString('utf8', start, start + equals);
  const value = body.toString('utf8', start + equals + 1, next - 1);
  if ((names.has(key) ? value : key).includes('\0'))
    throw new Error('a pax record holds a NUL, which is not safe');
  return { key, value, next };
}

/**
 * The records of a pax header, of several with one key the last, as Go's archive/tar reads them
 * (parsePAXRecord in strconv.go). Throws an Error for one that is malformed: what comes after it has no
 * meaning, and a reader that searches for some would take quadratic time. An empty value is none.
 */
export function paxRecords(body: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let offset = 0; offset < body.length;) {
    const { key, value, next } = recordAt(body, offset);
    records.set(key, value);
    offset = next;
  }
  for (const [key, value] of records) if (value === '') records.delete(key);
  return records;
}

/** Throws an Error for records that do not fit a file: numbers that are none, as archive/tar does. */
export function checkPaxNumbers(records: ReadonlyMap<string, string>): void {
  for (const [key, shape] of Object.entries(shapes)) {
    const value = records.get(key);
    if (value !== undefined && !shape.test(value)) throw new Error(`its pax ${key} is no number`);
  }
}
