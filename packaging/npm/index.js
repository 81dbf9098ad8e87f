"use strict";
const path = require("node:path");

function getLoadablePath() {
  return path.join(__dirname, "onpage.so");
}

function load(db) {
  if (typeof db?.loadExtension !== "function") {
    throw new TypeError(
      "onpage.load takes a connection of better-sqlite3, or of node:sqlite opened with allowExtension: true; " +
        "whatever else loads SQLite extensions can load the file getLoadablePath()",
    );
  }
  db.loadExtension(getLoadablePath());
}

module.exports = { getLoadablePath, load };
