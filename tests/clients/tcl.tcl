# Tcl's sqlite3. A progress handler interrupts.
package require sqlite3

set task 07131248-1535-0216-1000-17384017ad04

# README
sqlite3 db :memory:
db enable_load_extension 1
db eval {SELECT load_extension('build/onpage')}
set broken [db eval {SELECT page_from, link_to FROM onpage_links WHERE task_id = $task AND is_broken = 1}]
# end
if {[llength $broken] != 6 || [lindex $broken 0] ne "/about"} {error "links: $broken"}

if {![catch {db eval {SELECT * FROM onpage_links}} message] || ![string match "*task_id is missing*" $message]} {
  error "without a task_id: $message"
}

proc use {url} {db eval {SELECT onpage_config('base_url', $url), onpage_config('api_key', 'test-key')}}
proc count {} {
  global task
  db onecolumn {SELECT count(type) FROM onpage_links($task)}
}

use $env(SLOW_URL)
set started [clock milliseconds]
db progress 1000 {expr {[clock milliseconds] > $::started + 500}}
if {![catch {count} message] || ![string match -nocase "*interrupt*" $message]} {error "not interrupted: $message"}
set took [expr {[clock milliseconds] - $started}]
db progress 0 {}
if {$took > 20000} {error "the progress handler took $took ms"}
use $env(QUICK_URL)
if {[count] != 10} {error "not usable"}
puts "SQLite [db onecolumn {SELECT sqlite_version()}]; interrupted within [expr {$took - 500}] ms"
db close
