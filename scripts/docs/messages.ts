/** docs/messages.md: every message of the registry, with the shape of its body. */
import { z } from 'zod';

import type { Contract } from '../../src/contracts/message.ts';
import { CONTRACTS } from '../../src/contracts/registry.ts';

const OWNERS = [
  'inventory',
  'payment',
  'customer',
  'notification',
  'mediator',
  'logging',
  'shared',
] as const;

export function messagesPage(): string {
  const sections = OWNERS.map((owner) => {
    const own = CONTRACTS.filter((each) => each.owner === owner);
    return [`## ${owner}`, ...own.map(section)].join('\n\n');
  });
  return (
    [
      '# Messages',
      'Generated from `src/contracts/` by `npm run docs`. A published version is never edited; a new one is added beside it.',
      'AMQP properties of each: `type` (name), `messageId`, `correlationId` (order id), `replyTo`, `appId` (sender), `timestamp`, `contentType` application/json; headers `version`, `attempt`, `sent-at`, `traceparent`, `in-reply-to`, `run`.',
      ...sections,
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

function section({ name, version, kind, about, body }: Contract): string {
  const schema = JSON.stringify(bodySchema(body), undefined, 2);
  return [`### ${name} (v${version}, ${kind})`, about, `\`\`\`json\n${schema}\n\`\`\``].join(
    '\n\n',
  );
}

/** JSON Schema of a body, without the noise of the dialect's name. */
export function bodySchema(body: z.ZodType): object {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body, {
    io: 'input',
    unrepresentable: 'any',
  });
  return schema;
}
