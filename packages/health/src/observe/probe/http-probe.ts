import type { Pod, PodProxyResponse } from '@slipway/kube';
import type { ProbeOutcome } from '../../findings/index.ts';
import { requestAsKubelet, type HttpAnswer } from './kubelet-request.ts';
import type { ProbeAction } from './kubelet-probe.ts';
import { failed, refusedOutcome, silence, type AskingPorts } from './outcome.ts';
import { connectTo, ForwardRefusal } from './pod-connection.ts';
import type { ProbeTarget } from './probe-target.ts';
import type { WaysIntoPods } from './ways-into-pods.ts';

type HttpAction = Extract<ProbeAction, { kind: 'http' }>;

/** Statuses that say more about the question than about the service. */
const aboutTheQuestion = new Set([401, 403, 404, 405]);
/** Another Host is wanted, or HTTP with TLS: the way is wrong. */
const aboutTheWay = new Set([400, 421]);

function doubtOf(status: number): 'question' | 'way' | undefined {
  if (aboutTheQuestion.has(status)) return 'question';
  return aboutTheWay.has(status) ? 'way' : undefined;
}

/** Success is 200 to 399 as for the kubelet, which calls a redirect that it does not follow a warning. */
function statusOutcome(status: number, body: string, durationMs: number): ProbeOutcome {
  if (status >= 200 && status < 400) return { kind: 'well', durationMs };
  const said = body.replace(/\s+/g, ' ').trim().slice(0, 120);
  const why = `status ${status}${said === '' ? '' : `, ${JSON.stringify(said)}`}`;
  const doubt = doubtOf(status);
  return { kind: 'failed', why, durationMs, ...(doubt === undefined ? {} : { doubt }) };
}

function httpOutcome(
  ports: AskingPorts,
  answer: HttpAnswer,
  timing: { durationMs: number; timeoutMs: number },
): ProbeOutcome {
  switch (answer.kind) {
    case 'answered':
      ports.ways.noteReached();
      return statusOutcome(answer.status, answer.body, timing.durationMs);
    case 'broken':
      return failed(answer.why, timing.durationMs, 'way');
    case 'silent':
      return silence(ports, timing.timeoutMs);
  }
}

/** What the proxy's answer is worth. Undefined when only the kubelet's own request can tell. */
function proxiedOutcome(
  ports: AskingPorts,
  answer: PodProxyResponse,
  timeoutMs: number,
): ProbeOutcome | undefined {
  const { from, status, durationMs } = answer;
  if (from === 'pod') {
    ports.ways.noteReached();
    return status >= 200 && status < 300 ? { kind: 'well', durationMs } : undefined;
  }
  if (from === 'nobody') return silence(ports, timeoutMs);
  return undefined;
}

/** What is made of the proxy's answer when nothing better is to be had. */
function lastWord(answer: PodProxyResponse, ways: WaysIntoPods): ProbeOutcome {
  const { from, status, body, durationMs } = answer;
  const next = ways.advice();
  if (from === 'pod') return statusOutcome(status, body, durationMs);
  // The pod went away between the list and the request: not a failure of the pod.
  if (status === 404) return { kind: 'unasked', why: body, settled: false };
  if (status === 403)
    return {
      kind: 'unasked',
      why: `these credentials lack get pods/proxy (${body})`,
      settled: true,
      next,
    };
  const why = body.replace(/^error trying to reach service: /, '');
  if (/connection refused|connection reset|EOF/i.test(why)) return failed(why, durationMs, 'way');
  if (/context deadline/i.test(why)) return failed(why, durationMs);
  return { kind: 'unasked', why: body, settled: false };
}

/** A path that the API server's own would change (it joins and unescapes paths). */
const changedByProxy = /\/\/|\/\.\.?(?:\/|$)|[%#\\\s]/;
/** Headers that do not come through it as they are sent. */
const heldByProxy =
  /^(?:host|authorization|connection|accept-encoding|te|upgrade|x-forwarded-.*|impersonate-.*)$/i;

/** Whether the proxy cannot make this request, whatever comes of it. */
function isBeyondProxy({ path, headers }: HttpAction): boolean {
  return changedByProxy.test(path) || headers.some(([name]) => heldByProxy.test(name));
}

/**
 * Makes an HTTP probe. First through the API server's proxy where that can make the request, since it is
 * the cheapest way; what is no plain success there is asked again through a port-forward, whose answer counts.
 */
export async function askHttp(
  ports: AskingPorts,
  pod: Pod,
  target: ProbeTarget,
  action: HttpAction,
): Promise<ProbeOutcome> {
  const { client, clock, ways, onSend } = ports;
  const { port, path, scheme, headers } = action;
  const { timeoutMs } = target;
  if (port === undefined)
    return {
      kind: 'unasked',
      settled: true,
      why: 'it has no such port',
      next: 'Set probe-port to the number or name of a port of the application.',
    };
  const { namespace = '', name = '' } = pod.metadata ?? {};
  const only = isBeyondProxy(action);
  let proxied: PodProxyResponse | undefined;
  if (ways.proxy() && !(only && ways.forward()) && !ways.isKnownBeyond(target.key)) {
    onSend();
    const sent = [
      ...headers.filter(([header]) => !heldByProxy.test(header)),
      ['User-Agent', 'kube-probe/1.0 (slipway)'] as const,
    ];
    proxied = await client.podProxy({
      namespace,
      pod: name,
      port,
      path,
      scheme,
      timeoutMs,
      maxBytes: 4_096,
      signal: ports.signal,
      headers: sent,
    });
    const outcome = proxiedOutcome(ports, proxied, timeoutMs);
    if (outcome !== undefined) return outcome;
  }
  if (!ways.forward())
    return proxied === undefined ? ways.closed() : withoutForward(ports, proxied, only);
  const began = clock.now();
  try {
    onSend();
    const question = {
      scheme,
      port,
      path,
      headers,
      podIp: pod.status?.podIP ?? '127.0.0.1',
      timeoutMs,
    };
    const answer = await requestAsKubelet(
      { connect: connectTo(client, pod), clock, signal: ports.signal },
      question,
    );
    // The next time the proxy need not be asked first.
    if (proxied !== undefined) ways.noteBeyond(target.key);
    return httpOutcome(ports, answer, { durationMs: clock.now() - began, timeoutMs });
  } catch (error) {
    if (!(error instanceof ForwardRefusal)) throw error;
    ways.noteRefusal(error.status);
    return proxied === undefined
      ? refusedOutcome(ways, error)
      : withoutForward(ports, proxied, only);
  }
}

/** The proxy's answer, with the right that would tell more where it is in doubt. */
function withoutForward(
  { ways }: AskingPorts,
  proxied: PodProxyResponse,
  only: boolean,
): ProbeOutcome {
  const outcome = lastWord(proxied, ways);
  if (outcome.kind !== 'failed' || proxied.from !== 'pod') return outcome;
  if (!only && outcome.doubt !== 'way') return outcome;
  const why = `${outcome.why} (to the API server’s proxy, which sends a Host of its own; for the kubelet’s own request these credentials lack ${ways.forwardRights})`;
  return failed(why, outcome.durationMs, 'way');
}
