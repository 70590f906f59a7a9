/** Compiles once before the suite, so that no two files of it do. */
export { buildIfStale as setup } from './run-cli.ts';
