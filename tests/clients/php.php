<?php
// PHP's SQLite3, started with -d sqlite3.extension_dir=…/build (an absolute path). It has no way to interrupt a
// query: the option timeout_ms ends it.
$task = '07131248-1535-0216-1000-17384017ad04';
// README
$db = new SQLite3(':memory:');
$db->enableExceptions(true);
$db->loadExtension('onpage.so');
$query = $db->prepare('SELECT page_from, link_to FROM onpage_links WHERE task_id = :task AND is_broken = 1');
$query->bindValue(':task', $task);
$rows = $query->execute();
// end
for ($broken = []; $row = $rows->fetchArray(SQLITE3_NUM);) $broken[] = $row;
if (count($broken) != 3 || $broken[0][0] != '/about') exit(print 'links: ' . json_encode($broken));

function error_of($db, $sql) {
  try {
    $db->querySingle($sql);
    return 'no error';
  } catch (Exception $error) {
    return $error->getMessage();
  }
}
$error = error_of($db, 'SELECT * FROM onpage_links');
if (!str_contains($error, 'task_id is missing')) exit(print "without a task_id: $error");

function configure($db, $name, $value) {
  $query = $db->prepare('SELECT onpage_config(?, ?)');
  $query->bindValue(1, $name);
  $query->bindValue(2, $value);
  $query->execute()->finalize();
}
$count = "SELECT count(type) FROM onpage_links('$task')";

configure($db, 'base_url', getenv('SLOW_URL'));
configure($db, 'api_key', 'test-key');
configure($db, 'timeout_ms', '500');
configure($db, 'max_retries', '0');
$started = microtime(true);
$error = error_of($db, $count);
$took = microtime(true) - $started;
if (!str_contains($error, 'onpage_links')) exit(print "no end: $error");
if ($took > 20) exit(print "timeout_ms took $took s");
configure($db, 'timeout_ms', '');
configure($db, 'base_url', getenv('QUICK_URL'));
configure($db, 'api_key', 'test-key');
if ($db->querySingle($count) !== 10) exit(print 'not usable');
$db->close();
printf("SQLite %s; ended %.0f ms after timeout_ms\n", SQLite3::version()['versionString'], ($took - 0.5) * 1000);
