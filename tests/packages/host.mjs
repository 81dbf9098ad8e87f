// host.mjs QUERY: the version of the extension and the rows of the query, from Node's own SQLite. Without a QUERY: the
// path that load() gives its argument.
import { load } from "onpage";

const [query] = process.argv.slice(2);
if (query === undefined) {
  load({ loadExtension: (path) => console.log(path) });
} else {
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(":memory:", { allowExtension: true });
  load(db);
  for (const sql of ["SELECT onpage_version()", query]) {
    for (const row of db.prepare(sql).all()) console.log(Object.values(row).join("|"));
  }
}
