/** docs/errors.md: the closed table of error codes, and the exit codes that follow from it. */
import { ERROR_CODES } from '../../src/kernel/errors.ts';

export function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES)
    .toSorted(([a, first], [b, second]) => first.exit - second.exit || a.localeCompare(b))
    .map(
      ([code, { exit, meaning, retryable }]) =>
        `| \`${code}\` | ${exit} | ${meaning} | ${retryable ? 'yes' : 'no'} |`,
    );
  return `# Errors

Generated from \`src/kernel/errors.ts\` by \`npm run docs\`. With \`--json\` a failed command prints
\`{command, status: "error", error: {code, message, hint, retryable, details}}\` on stdout; the HTTP API answers
\`{error: {code, message, hint, retryable, details}}\`. Exit code 0 means that all went well, 143 that the command was
ended by SIGTERM.

| code | exit | meaning | worth trying again as it is |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
