/** What a stack is, as `stack.json` remembers it: engine, ports and URLs. */
import path from 'node:path';

import { UserError } from '../kernel/errors.ts';
import { readJson, writeJson, type StackFiles } from './stack-files.ts';
import type { Endpoints, Engine } from './stack-status.ts';

/** TCP ports on 127.0.0.1; broker and database only where they are the stack's own. */
export interface StackPorts {
  readonly http: number;
  readonly amqp?: number;
  readonly postgres?: number;
  /** Of the second mediator and the ones after it, by name: `mediator-2`. */
  readonly mediators?: Readonly<Record<string, number>>;
}

/** A port and the part that listens on it. */
export interface PortOfPart {
  readonly port: number;
  readonly part: string;
}

/** All of them, with the parts as people know them. */
export function portsOf({ http, amqp, postgres, mediators = {} }: StackPorts): PortOfPart[] {
  return [
    { port: http, part: 'mediator' },
    ...(amqp === undefined ? [] : [{ port: amqp, part: 'broker' }]),
    ...(postgres === undefined ? [] : [{ port: postgres, part: 'postgres' }]),
    ...Object.entries(mediators).map(([part, port]) => ({ port, part })),
  ];
}

export interface StackRecord {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly engine: Engine;
  readonly ports: StackPorts;
  readonly endpoints: Endpoints;
  /** ISO 8601. */
  readonly createdAt: string;
}

const SCHEMA_VERSION = 1;

/** @throws UserError `state-version` when another version wrote it. */
export function readRecord(files: StackFiles): StackRecord | undefined {
  const content = readJson(files.record) as StackRecord | undefined;
  if (content === undefined) return undefined;
  if (content.schemaVersion === SCHEMA_VERSION) return content;
  throw new UserError('state-version', `${files.record} was written by another version`, {
    hint: 'Use that version, or `wonderland reset` to start afresh.',
    details: { found: content.schemaVersion, expected: SCHEMA_VERSION },
  });
}

export function writeRecord(files: StackFiles, record: StackRecord): void {
  writeJson(files.record, record);
}

/** The paths that are the same for every engine. */
export function dataPathsOf(
  files: StackFiles,
): Pick<Endpoints, 'dataDir' | 'inboxDir' | 'logFile'> {
  return {
    dataDir: files.data,
    inboxDir: path.join(files.data, 'inbox'),
    logFile: path.join(files.data, 'logs.db'),
  };
}
