/** The other end of a supervisor: how a part says that it serves, and learns that nobody watches any more. */

export interface Supervision {
  /** A supervisor started this process. */
  readonly isSupervised: boolean;
  /** Aborted when the supervisor is gone: an orphan has to leave. */
  readonly lost: AbortSignal;
  /** Tells the supervisor that this part truly serves. */
  ready(): void;
  /** Lets the process end: an open channel would keep it. */
  close(): void;
}

/** Takes the IPC channel of this process, if it has one. */
export function openSupervision(self: NodeJS.Process): Supervision {
  const lost = new AbortController();
  if (self.send === undefined) {
    const nothing = (): void => undefined;
    return { isSupervised: false, lost: lost.signal, ready: nothing, close: nothing };
  }
  self.on('disconnect', () => lost.abort());
  return {
    isSupervised: true,
    lost: lost.signal,
    // The channel may break at any moment; `lost` tells.
    ready: () => void self.send?.({ type: 'ready' }, () => undefined),
    close: () => (self.connected ? self.disconnect() : undefined),
  };
}
