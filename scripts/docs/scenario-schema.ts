/** docs/scenario.schema.json: what editors need to check and complete scenario files. */
import { scenarioJsonSchema } from '../../src/scenario/language/json-schema.ts';

export function scenarioSchemaPage(): string {
  return `${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`;
}
