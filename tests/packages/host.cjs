// A program of the other kind of module, which asks what it has, and has nothing to load it into.
const assert = require("node:assert");
const { getLoadablePath, load } = require("onpage");
for (const wrong of [undefined, null, {}, "a file"])
  assert.throws(() => load(wrong), /onpage\.load takes a connection of better-sqlite3/);
console.log(require("onpage/package.json").version, getLoadablePath());
