/** The other end of a supervisor: how a part says that it serves and still lives, and learns that nobody watches any more. */

export interface Supervision {
  /** A supervisor started this process. */
  readonly isSupervised: boolean;
  /** Aborted when the supervisor is gone: an orphan has to leave. */
  readonly lost: AbortSignal;
  /**
   * Tells the supervisor that this part truly serves. From now on it answers when the supervisor feels its
   * pulse, with what `findTrouble` says in one line; nothing when all is well.
   */
  ready(findTrouble?: () => string | undefined): void;
  /** Lets the process end: an open channel would keep it. */
  close(): void;
}

/** What goes over the channel: `ready` and `pong` to the supervisor, `ping` from it. */
export type PartMessage =
  /** `hasPulse`: this part answers pings. */
  | { readonly type: 'ready'; readonly hasPulse?: boolean }
  | { readonly type: 'ping' }
  | { readonly type: 'pong'; readonly trouble?: string };

/** The type of a message on the channel, whoever sent it. */
export function typeOf(message: unknown): unknown {
  return (message as { type?: unknown } | null)?.type;
}

/** Takes the IPC channel of this process, if it has one. */
export function openSupervision(self: NodeJS.Process): Supervision {
  const lost = new AbortController();
  if (self.send === undefined) {
    const nothing = (): void => undefined;
    return { isSupervised: false, lost: lost.signal, ready: nothing, close: nothing };
  }
  // The channel may break at any moment; `lost` tells.
  const tell = (message: PartMessage): void => void self.send?.(message, () => undefined);
  self.on('disconnect', () => lost.abort());
  return {
    isSupervised: true,
    lost: lost.signal,
    ready: (findTrouble) => {
      self.on('message', (message: unknown) => {
        if (typeOf(message) !== 'ping') return;
        const trouble = findTrouble?.();
        tell({ type: 'pong', ...(trouble !== undefined && { trouble }) });
      });
      tell({ type: 'ready', hasPulse: true });
    },
    close: () => (self.connected ? self.disconnect() : undefined),
  };
}
