// better-sqlite3, which brings a SQLite of its own.
const Database = require('better-sqlite3');
const finish = require('./node_common.js');

const task = '07131248-1535-0216-1000-17384017ad04';

// README
const db = new Database(':memory:');
db.loadExtension('build/onpage');
const broken = db.prepare('SELECT page_from, link_to FROM onpage_links WHERE task_id = ? AND is_broken = 1').all(task);
// end

finish(db, broken, task);
