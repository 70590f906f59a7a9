/** The generated pages of docs/, by file name. */
import { asyncApiPage } from './asyncapi.ts';
import { errorsPage } from './errors.ts';
import { libraryPage } from './library.ts';
import { messagesPage } from './messages.ts';
import { scenarioSchemaPage } from './scenario-schema.ts';
import { scenariosPage } from './scenarios.ts';

export const PAGES: Readonly<Record<string, () => string>> = {
  'messages.md': messagesPage,
  'asyncapi.yaml': asyncApiPage,
  'errors.md': errorsPage,
  'scenario.schema.json': scenarioSchemaPage,
  'scenarios.md': scenariosPage,
  'library.md': libraryPage,
};
