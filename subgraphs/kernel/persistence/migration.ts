export { Migration } from '@mikro-orm/migrations';
// biome-ignore lint/suspicious/noExplicitAny: a constructor of anything, as the migrator takes it
export type Constructor<T> = new (...args: any[]) => T;
