/** A connection of better-sqlite3, or of node:sqlite opened with `allowExtension: true`. */
interface Connection {
  loadExtension(path: string): unknown;
}

/** The full path of the extension, for programs that load it themselves. */
export declare function getLoadablePath(): string;

/** Loads the extension into a connection. */
export declare function load(db: Connection): void;
