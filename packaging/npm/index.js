"use strict";
const path = require("node:path");

function getLoadablePath() {
  return path.join(__dirname, "onpage.so");
}

function load(db) {
  db.loadExtension(getLoadablePath());
}

module.exports = { getLoadablePath, load };
