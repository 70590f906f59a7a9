import { describe, expect, it } from 'vitest';

import { conflictError, type PortConflict } from './check.ts';
import { parseTable } from './holder.ts';
import { planPorts } from './plan.ts';

const taken = (port: number, part: string, command: string, pid = 812): PortConflict => ({
  port,
  part,
  reason: 'taken',
  holder: { pid, uid: 0, command },
});

describe('the report on ports', () => {
  it('names every port, our part, the holder and a fix, in one error', () => {
    const error = conflictError([
      taken(4242, 'mediator', 'nginx: master process', 700),
      taken(4243, 'broker', 'beam.smp', 701),
    ]);
    expect(error.code).toBe('port-taken');
    expect(error.message).toBe(
      [
        '2 ports that the stack needs are not free:',
        '  4242 (mediator) is held by PID 700: nginx: master process',
        '  4243 (broker) is held by PID 701: beam.smp',
      ].join('\n'),
    );
    expect(error.hint).toContain('kill 700 701');
    expect(error.hint).toContain('--port-offset 100');
  });

  it('says only what it knows of a process that belongs to somebody else', () => {
    const holder = { uid: 1000 };
    const error = conflictError([{ port: 4242, part: 'mediator', reason: 'taken', holder }]);
    expect(error.message).toContain('4242 (mediator) is held by a process of user 1000');
    expect(error.hint).not.toContain('kill');
  });

  it('tells how to stop another stack of ours, instead of killing a part of it', () => {
    const stack = { name: 'b', stateDir: '/shop/.wonderland' };
    const holder = { pid: 812, uid: 0, command: 'node wonderland.js mediator', stack };
    const { hint } = conflictError([{ port: 4242, part: 'mediator', reason: 'taken', holder }]);
    expect(hint).toContain("`WONDERLAND_STATE_DIR='/shop/.wonderland' wonderland down --stack b`");
    expect(hint).not.toContain('kill');
  });
});

describe('the table of listeners', () => {
  const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1092 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000
   1: 0100007F:1092 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000
   2: 00000000:1093 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0000000000000000`;

  it('finds who listens on a port, not who is connected to it', () => {
    expect(parseTable(TABLE, 4242)).toEqual([{ uid: 0, inode: '4711' }]);
    expect(parseTable(TABLE, 4243)).toEqual([{ uid: 1000, inode: '4713' }]);
    expect(parseTable(TABLE, 4244)).toEqual([]);
  });
});

describe('the choice of ports', () => {
  it('is fixed, moved as a whole by an offset, and kept once it was chosen', async () => {
    expect(await planPorts('embedded', {})).toEqual({ http: 4242, amqp: 4243, postgres: 4244 });
    expect(await planPorts('external', { offset: 100 })).toEqual({ http: 4342 });
    const stored = { http: 1, amqp: 2, postgres: 3 };
    expect(await planPorts('embedded', { stored })).toEqual(stored);
    expect(await planPorts('embedded', { stored, offset: 0 })).toMatchObject({ http: 4242 });
  });

  it('refuses an offset that leads nowhere', async () => {
    await expect(planPorts('embedded', { offset: 70_000 })).rejects.toThrow('do not exist');
    await expect(planPorts('embedded', { offset: -4_242 })).rejects.toThrow('do not exist');
  });
});
