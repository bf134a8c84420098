/**
 * The bytes of each length-delimited field `wanted` of a protobuf message. Throws RangeError when it is none.
 * https://protobuf.dev/programming-guides/encoding/
 */
function fieldsOf(message: Buffer, wanted: number): readonly Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(at);
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    switch (tag & 7) {
      case 0:
        varint();
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        if (at + length > message.length)
          throw new RangeError('A field is longer than its message.');
        if (tag >>> 3 === wanted) found.push(message.subarray(at, at + length));
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new RangeError('Not a protobuf message.');
    }
  }
  return found;
}

/** What begins a Kubernetes object in protobuf (k8s.io/apimachinery: pkg/runtime/serializer/protobuf). */
const magic = Buffer.from('k8s\0');

/** `data.release` of a Secret or a ConfigMap, whose first fields have the same numbers, in protobuf. */
function releaseInProtobuf(body: Buffer): string | undefined {
  if (!body.subarray(0, magic.length).equals(magic)) return undefined;
  const [object] = fieldsOf(body.subarray(magic.length), 2);
  if (object === undefined) return undefined;
  for (const entry of fieldsOf(object, 2)) {
    const [key] = fieldsOf(entry, 1);
    const [value] = fieldsOf(entry, 2);
    if (key?.toString() === 'release') return value?.toString('latin1');
  }
  return undefined;
}

/** `data.release` of the object in the body of a request, as Helm has it before an API encodes it; undefined when there is none. */
export function releaseIn(
  { contentType, body }: { contentType: string; body: Buffer },
  /** How the JSON of the API has what Helm wrote. */
  fromJson: (data: string) => string,
): string | undefined {
  if (contentType.startsWith('application/vnd.kubernetes.protobuf')) return releaseInProtobuf(body);
  if (!contentType.startsWith('application/json')) return undefined;
  const { data } = JSON.parse(body.toString('utf8')) as { data?: { release?: string } };
  return data?.release === undefined ? undefined : fromJson(data.release);
}
