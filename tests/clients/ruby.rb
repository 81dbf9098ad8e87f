# Ruby's sqlite3. A query keeps all other threads from running, so nothing can interrupt it: the option timeout_ms ends it.
require 'sqlite3'

task = '07131248-1535-0216-1000-17384017ad04'

# README
db = SQLite3::Database.new(':memory:')
db.enable_load_extension(true)
db.load_extension('build/onpage')
broken = db.execute('SELECT page_from, link_to FROM onpage_links WHERE task_id = ? AND is_broken = 1', [task])
# end
abort "links: #{broken}" unless broken.size == 3 && broken[0][0] == '/about'

def error_of
  yield
  'no error'
rescue SQLite3::Exception => e
  e.message
end

error = error_of { db.execute('SELECT * FROM onpage_links') }
abort "without a task_id: #{error}" unless error.include?('task_id is missing')

configure = ->(name, value) { db.execute('SELECT onpage_config(?, ?)', [name, value]) }
count = -> { db.get_first_value('SELECT count(type) FROM onpage_links(?)', [task]) }

{ base_url: ENV['SLOW_URL'], api_key: 'test-key', timeout_ms: '500', max_retries: '0' }.each do |name, value|
  configure.(name.to_s, value)
end
started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
error = error_of { count.() }
took = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
abort "no end: #{error}" unless error.include?('onpage_links')
abort "timeout_ms took #{took} s" if took > 20
{ timeout_ms: '', base_url: ENV['QUICK_URL'], api_key: 'test-key' }.each { |name, value| configure.(name.to_s, value) }
abort 'not usable' unless count.() == 10
db.close
puts format('SQLite %s; ended %.0f ms after timeout_ms', SQLite3::SQLITE_VERSION, (took - 0.5) * 1000)
