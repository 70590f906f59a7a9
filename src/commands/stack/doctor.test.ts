import { expect, it } from 'vitest';

import { plain } from '../palette.ts';
import { describe as describeFinding } from './doctor.ts';

it('a finding of several lines keeps them in one column, its fix last', () => {
  const detail = '4242 (mediator) is held by PID 1: a\n4243 (broker) is held by PID 2: b';
  const finding = { name: 'ports', outcome: 'problem', detail, fix: 'Stop them.' } as const;
  const lines = describeFinding(finding, plain).split('\n');
  expect(lines).toHaveLength(3);
  const columns = ['4242', '4243', '→ Stop'].map((word, index) => lines[index]?.indexOf(word));
  expect(new Set(columns)).toEqual(new Set([21]));
});
