/** What every ephemeral stack is called; each lies in a state directory of its own. */
export const EPHEMERAL_NAME = 'ephemeral';
