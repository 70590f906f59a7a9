/** What the mediator says of the stack: a message made the trip through every part, or where it got lost. */
import { request } from 'node:http';

import { messageOf } from '../kernel/errors.ts';
import type { PartHealth } from './stack-status.ts';

export interface Readiness {
  /** What is wrong, as one line; absent when nothing is. */
  readonly error: string | undefined;
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
  readonly mediatorUrl: string;
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

/** Never throws: not being reachable is an answer too. */
export async function probeReadiness(options: ProbeOptions): Promise<Readiness> {
  if (!options.parts.includes('mediator')) return { error: undefined, health: {} };
  try {
    const checks = await fetchChecks(options.mediatorUrl, options.timeoutMs ?? PROBE_TIMEOUT_MS);
    return readinessOf(checks, options.parts);
  } catch (error) {
    // What a request throws when its time is up.
    const isSilent = error instanceof Error && error.name === 'AbortError';
    const detail = isSilent ? 'no answer in time' : messageOf(error);
    return { error: `mediator: ${detail}`, health: { mediator: { ok: false, detail } } };
  }
}

/** The verdict on checks; those of services that are not parts of the stack (`--except`) don't count. */
export function readinessOf(checks: readonly Check[], parts: readonly string[]): Readiness {
  const health: Record<string, PartHealth> = { mediator: { ok: true } };
  const errors: string[] = [];
  for (const { name: check, ...outcome } of checks) {
    const name = PART_OF_CHECK[check] ?? check;
    const isShared = name === 'postgres' || name === 'broker';
    if (!outcome.ok || health[name] === undefined) health[name] = outcome;
    if (outcome.ok || !(isShared || parts.includes(name))) continue;
    errors.push(`${check}: ${outcome.detail ?? 'no answer'}`);
  }
  return { error: errors.length === 0 ? undefined : errors.join('; '), health };
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
