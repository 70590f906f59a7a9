/** What the mediator says of the stack: a message made the trip through every part, or where it got lost. */
import { request } from 'node:http';

import { messageOf } from '../kernel/errors.ts';
import { SERVICES } from '../messaging/topology.ts';
import { serviceOf } from './instances.ts';
import type { PartHealth, Trouble } from './stack-status.ts';

export interface Readiness {
  /** What is wrong; not what only follows from it. Empty when the stack is ready. */
  readonly troubles: readonly Trouble[];
  /** By part. */
  readonly health: Readonly<Record<string, PartHealth>>;
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail?: string;
  readonly ms?: number;
}

export interface ProbeOptions {
  /** Where the mediators among the parts answer, in their order. */
  readonly mediatorUrls: readonly string[];
  /** Parts of this stack: what others lack is not its fault. */
  readonly parts: readonly string[];
  readonly timeoutMs?: number;
}

const PROBE_TIMEOUT_MS = 2_000;
const ANSWER_LIMIT_BYTES = 64 * 1024;

/** Where a check of the mediator has another name than the part behind it. */
const PART_OF_CHECK: Readonly<Record<string, string>> = {
  database: 'postgres',
  definitions: 'mediator',
};

/**
 * Every mediator has to answer; of the other parts, any one of them says how they are.
 * Never throws: not being reachable is an answer too.
 */
export async function probeReadiness(options: ProbeOptions): Promise<Readiness> {
  const { mediatorUrls, parts, timeoutMs = PROBE_TIMEOUT_MS } = options;
  const mediators = parts.filter((part) => serviceOf(part) === 'mediator');
  if (mediators.length === 0) return NOTHING_KNOWN;
  const answers = await Promise.all(
    mediators.map((name, index) => askMediator(name, mediatorUrls[index] ?? '', timeoutMs)),
  );
  const [first, ...others] = answers.filter(({ checks }) => checks.length > 0);
  const verdict = first === undefined ? NOTHING_KNOWN : readinessOf(first.checks, parts);
  const troubles = [...answers.filter(({ checks }) => checks.length === 0), ...others]
    .map(({ name, silence, checks }) => ({ name, detail: silence ?? troubleOf(checks) }))
    .flatMap(({ name, detail }) => (detail === undefined ? [] : [{ name, detail }]));
  return {
    troubles: [...verdict.troubles, ...troubles],
    health: {
      ...verdict.health,
      ...Object.fromEntries(troubles.map(({ name, detail }) => [name, { ok: false, detail }])),
    },
  };
}

const NOTHING_KNOWN: Readiness = { troubles: [], health: {} };

interface Answer {
  readonly name: string;
  /** Empty when it did not answer. */
  readonly checks: readonly Check[];
  /** Why there is no answer. */
  readonly silence?: string;
}

async function askMediator(name: string, url: string, timeoutMs: number): Promise<Answer> {
  try {
    return { name, checks: await fetchChecks(url, timeoutMs) };
  } catch (error) {
    // What a request throws when its time is up.
    const isLate = error instanceof Error && error.name === 'AbortError';
    return { name, checks: [], silence: isLate ? 'no answer in time' : messageOf(error) };
  }
}

/** What one mediator lacks itself, whatever the services do. */
function troubleOf(checks: readonly Check[]): string | undefined {
  const own = checks.find(({ name, ok }) => !ok && !SERVICES.some((service) => service === name));
  return own === undefined ? undefined : `${own.name}: ${own.detail ?? 'no answer'}`;
}

/** The verdict on checks; those of services that are not parts of the stack (`--except`) don't count. */
export function readinessOf(checks: readonly Check[], parts: readonly string[]): Readiness {
  const health: Record<string, PartHealth> = {};
  const troubles: Trouble[] = [];
  const instances = (service: string): readonly string[] =>
    parts.filter((part) => serviceOf(part) === service);
  const failed = new Set(checks.filter(({ ok }) => !ok).map(({ name }) => name));
  for (const name of instances('mediator')) health[name] = { ok: true };
  for (const { name: check, ...outcome } of checks) {
    const service = PART_OF_CHECK[check] ?? check;
    const isShared = service === 'postgres' || service === 'broker';
    // Without its database the mediator cannot know: that says nothing of itself.
    if (check === 'definitions' && failed.has('database')) continue;
    // Any instance may have answered for all of its service.
    for (const name of new Set([service, ...instances(service)])) {
      if (!outcome.ok || health[name] === undefined) health[name] = outcome;
    }
    // Nobody can be asked without the broker.
    const isConsequence = failed.has('broker') && SERVICES.some((each) => each === check);
    if (outcome.ok || isConsequence || !(isShared || instances(service).length > 0)) continue;
    troubles.push({ name: check, detail: outcome.detail ?? 'no answer' });
  }
  return { troubles, health };
}

/** node:http and not fetch: it is loaded in a millisecond. */
function fetchChecks(mediatorUrl: string, timeoutMs: number): Promise<readonly Check[]> {
  return new Promise((resolve, reject) => {
    const call = request(`${mediatorUrl}/readyz`, {
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    });
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > ANSWER_LIMIT_BYTES) call.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        try {
          const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { checks?: Check[] };
          if (!Array.isArray(body.checks))
            throw new Error(`unexpected answer ${response.statusCode}`);
          resolve(body.checks);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    call.end();
  });
}
