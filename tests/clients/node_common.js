// What the two clients of Node have in common once the extension is loaded. Both run a query on the main thread, so nothing can
// interrupt it: the option timeout_ms ends it.
const assert = require('node:assert');

module.exports = function finish(db, broken, task) {
  assert.strictEqual(broken.length, 3);
  assert.strictEqual(broken[0].page_from, '/about');
  assert.throws(() => db.prepare('SELECT * FROM onpage_links').all(), /task_id is missing/);

  const configure = (name, value) => db.prepare('SELECT onpage_config(?, ?)').all(name, value);
  const count = () => db.prepare('SELECT count(type) AS n FROM onpage_links(?)').get(task).n;

  configure('base_url', process.env.SLOW_URL);
  configure('api_key', 'test-key');
  configure('timeout_ms', '500');
  configure('max_retries', '0');
  const started = Date.now();
  assert.throws(count, /onpage_links/);
  const took = Date.now() - started;
  assert.ok(took < 20000, `timeout_ms took ${took} ms`);
  configure('timeout_ms', '');
  configure('base_url', process.env.QUICK_URL);
  configure('api_key', 'test-key');
  assert.strictEqual(count(), 10);
  const { version } = db.prepare('SELECT sqlite_version() AS version').get();
  db.close();
  console.log(`SQLite ${version}, Node ${process.versions.node}; ended ${took - 500} ms after timeout_ms`);
};
