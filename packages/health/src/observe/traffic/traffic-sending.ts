import type { KubeClient, Pod } from '@slipway/kube';
import type { Clock } from '@slipway/runtime';
import {
  connectTo,
  ForwardRefusal,
  probeTargets,
  requestAsKubelet,
  type WaysIntoPods,
} from '../probe/index.ts';
import { timedConnect, type TimedAnswer } from './answer-time.ts';
import { isExpected, type TrafficRequest } from './traffic-request.ts';

/** What one request of our own came to. */
export type TrafficAnswer =
  | { kind: 'answered'; asExpected: boolean; why: string; time: TimedAnswer }
  /** The connection broke, or no answer came in time; then `time` is how long was waited. */
  | { kind: 'broken'; why: string; time: TimedAnswer | undefined }
  | { kind: 'unasked'; why: string; settled: boolean; final?: boolean; next?: string };

/** One request, and where on the pod it goes. */
export interface TrafficQuestion extends TrafficRequest {
  port: string | undefined;
  scheme: 'http' | 'https' | undefined;
  timeoutMs: number;
}

interface Ports {
  client: KubeClient;
  clock: Clock;
  signal: AbortSignal;
  ways: WaysIntoPods;
}

const agent = ['User-Agent', 'slipway (requests of its own)'] as const;

function answered(question: TrafficQuestion, status: number, time: TimedAnswer): TrafficAnswer {
  const { path, expected } = question;
  const asExpected = isExpected(status, expected);
  return { kind: 'answered', asExpected, why: `GET ${path}: status ${status}`, time };
}

/**
 * Sends one request to one pod, through a port-forward where these credentials may, else through the API
 * server's proxy. Throws KubeError when the API server is not there, and the reason of the signal.
 */
export async function sendTraffic(
  ports: Ports,
  pod: Pod,
  question: TrafficQuestion,
): Promise<TrafficAnswer> {
  const { client, clock, signal, ways } = ports;
  const { path, timeoutMs } = question;
  const [target] = probeTargets(pod, { ...question, paths: [path] });
  const action = target?.action;
  if (action?.kind !== 'http' || action.port === undefined)
    return {
      kind: 'unasked',
      settled: true,
      why: `pod/${pod.metadata?.name ?? ''} has no port for it`,
      next: 'Set probe-port to the number or name of a port of the application.',
    };
  const { port, scheme } = action;
  const headers = [agent, ...question.headers];
  if (ways.forward())
    try {
      const { connect, time } = timedConnect(clock, connectTo(client, pod));
      const podIp = pod.status?.podIP ?? '127.0.0.1';
      const asked = { scheme, port, path, headers, podIp, timeoutMs };
      const answer = await requestAsKubelet({ connect, clock, signal }, asked);
      if (answer.kind === 'answered') return answered(question, answer.status, time());
      if (answer.kind === 'broken')
        return { kind: 'broken', why: `GET ${path}: ${answer.why}`, time: undefined };
      const why = `GET ${path}: no answer within ${timeoutMs / 1_000} s`;
      return { kind: 'broken', why, time: time() };
    } catch (error) {
      if (!(error instanceof ForwardRefusal)) throw error;
      ways.noteRefusal(error.status);
      if (ways.forward()) return { kind: 'unasked', why: error.message, settled: false };
    }
  return await throughProxy(ports, pod, question, { port, scheme });
}

async function throughProxy(
  { client, signal, ways }: Ports,
  pod: Pod,
  question: TrafficQuestion,
  { port, scheme }: { port: number; scheme: 'http' | 'https' },
): Promise<TrafficAnswer> {
  const settled = { kind: 'unasked', settled: true, next: ways.advice() } as const;
  if (!ways.proxy())
    return {
      ...settled,
      final: true,
      why: `these credentials lack get pods/proxy and ${ways.forwardRights}`,
    };
  if (question.headers.some(([name]) => /^(?:host|authorization)$/i.test(name)))
    return {
      ...settled,
      final: true,
      why: `for a Host or a login of its own these credentials lack ${ways.forwardRights}`,
    };
  const { namespace = '', name = '' } = pod.metadata ?? {};
  const { path, timeoutMs } = question;
  const answer = await client.podProxy({
    namespace,
    pod: name,
    port,
    scheme,
    path,
    timeoutMs,
    signal,
    maxBytes: 4_096,
    headers: [agent, ...question.headers],
  });
  // How long the way through the proxy takes is not known.
  const time = { durationMs: answer.durationMs, wayMs: undefined };
  const why = `GET ${path}: ${answer.body}`;
  if (answer.from === 'pod') return answered(question, answer.status, time);
  if (answer.status === 403) return { ...settled, why: answer.body };
  if (answer.from === 'nobody') return { kind: 'broken', why, time };
  if (answer.status === 503) return { kind: 'broken', why, time: undefined };
  return { kind: 'unasked', why: answer.body, settled: false };
}
