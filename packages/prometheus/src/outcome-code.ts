/**
 * gRPC codes that are the server's fault, by OpenTelemetry's semantic conventions for RPC; the others
 * (NotFound, InvalidArgument and the like) are answers to the caller, as 4xx is of HTTP.
 */
const serverFaults = [
  'Unknown',
  'DeadlineExceeded',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
] as const;

const grpcNames = (
  'OK Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ' +
  'ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated'
).split(' ');

/** A code as it is compared: `DEADLINE_EXCEEDED`, `DeadlineExceeded` and `4` are one. */
function grpcName(code: string): string {
  const byNumber = /^\d+$/.test(code) ? grpcNames[Number(code)] : undefined;
  return (byNumber ?? code).replace(/_/g, '').toLowerCase();
}

const classOf = (code: string): string => code.slice(0, 1);

/** Whether a code is one of `bad`: `5xx`, `429` or the name of a gRPC code. */
export function isBadCode(
  code: string,
  bad: readonly string[],
  protocol: 'http' | 'grpc',
): boolean {
  if (protocol === 'grpc') {
    const names = bad.filter((one) => !/^\dxx$/i.test(one) && !/^\d{3}$/.test(one));
    // 5xx stands for what it means in HTTP: the server failed.
    const wanted = [...names, ...(bad.some((one) => /^5xx$/i.test(one)) ? serverFaults : [])];
    return wanted.some((one) => grpcName(one) === grpcName(code));
  }
  return bad.some((one) => {
    if (!/^\dxx$/i.test(one)) return one === code;
    return classOf(one) === classOf(code) && /^\d(\d\d|xx)$/i.test(code);
  });
}

/** Whether a code says that the request was at fault: 4xx, or its like in gRPC. */
export function isRefusal(code: string, protocol: 'http' | 'grpc'): boolean {
  if (protocol === 'http') return /^4(\d\d|xx)$/i.test(code);
  const name = grpcName(code);
  return name !== 'ok' && !serverFaults.some((fault) => grpcName(fault) === name);
}

/** Whether a text can be one of `bad-codes`. */
export function isCodePattern(text: string): boolean {
  return (
    /^[1-5](xx|\d\d)$/.test(text) || grpcNames.some((name) => grpcName(name) === grpcName(text))
  );
}
