// A program of the other kind of module, which asks what it has.
const { getLoadablePath } = require("onpage");
console.log(require("onpage/package.json").version, getLoadablePath());
