/** The mediator's dead letters, as functions. */
import {
  DeadLetterDetail,
  DeadLetterList,
  DeadLetterOutcome,
  type DeadLetterSelection,
  type DeadLetterView,
} from '../../contracts/dead-letters.ts';
import type { Http } from '../../mediator/client/http.ts';

export interface DeadLetterFilter {
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
  readonly order?: string | undefined;
  readonly state?: DeadLetterView['state'] | undefined;
  readonly limit: number;
}

/** Every call throws UserError as the mediator's client does; an unknown id is `unknown-dead-letter`. */
export interface DeadLetterClient {
  list(filter: DeadLetterFilter): Promise<DeadLetterList>;
  /** By id, or a beginning that only one has. */
  show(id: string): Promise<DeadLetterDetail>;
  retry(selection: DeadLetterSelection): Promise<DeadLetterOutcome>;
  drop(selection: DeadLetterSelection): Promise<DeadLetterOutcome>;
}

export function deadLetterClient(http: Http): DeadLetterClient {
  const act = (what: string, body: DeadLetterSelection): Promise<DeadLetterOutcome> =>
    http.exchange({
      method: 'POST',
      path: `/dead-letters/${what}`,
      body,
      answer: DeadLetterOutcome,
    });
  return {
    list: (filter) =>
      http.exchange({ path: '/dead-letters', query: { ...filter }, answer: DeadLetterList }),
    show: (id) =>
      http.exchange({ path: `/dead-letters/${encodeURIComponent(id)}`, answer: DeadLetterDetail }),
    retry: (selection) => act('retry', selection),
    drop: (selection) => act('drop', selection),
  };
}
