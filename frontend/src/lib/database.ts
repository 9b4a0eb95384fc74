/** An IndexedDB database that is opened when it is first needed, and once. */
import { type DBSchema, type IDBPDatabase, type OpenDBCallbacks, openDB } from 'idb';

export type LazyDatabase<S extends DBSchema> = {
  readonly open: () => Promise<IDBPDatabase<S>>;
  /** The same once it is open: a page that is being closed has no time to wait for a promise. */
  readonly opened: () => IDBPDatabase<S> | undefined;
};

export function lazyDatabase<S extends DBSchema>(
  name: string,
  version: number,
  upgrade: NonNullable<OpenDBCallbacks<S>['upgrade']>,
  options: { readonly closeForNewer?: boolean } = {},
): LazyDatabase<S> {
  let opening: Promise<IDBPDatabase<S>> | undefined;
  let db: IDBPDatabase<S> | undefined;
  // Another tab may have a newer page that waits for this one.
  const blocking = options.closeForNewer ? { blocking: () => db?.close() } : {};
  const open = () => {
    opening ??= openDB<S>(name, version, { upgrade, ...blocking }).then((ready) => {
      db = ready;
      return ready;
    });
    return opening;
  };
  return { open, opened: () => db };
}
