# DBD::SQLite. A progress handler interrupts.
use strict;
use warnings;
use DBI;
use Time::HiRes qw(time);

my $task = '07131248-1535-0216-1000-17384017ad04';

# README
my $db = DBI->connect('dbi:SQLite:dbname=:memory:', '', '', { RaiseError => 1, PrintError => 0 });
$db->sqlite_enable_load_extension(1);
$db->sqlite_load_extension('build/onpage');
my $broken = $db->selectall_arrayref('SELECT page_from, link_to FROM onpage_links WHERE task_id = ? AND is_broken = 1', {}, $task);
# end
die 'links: ' . @$broken unless @$broken == 3 && $broken->[0][0] eq '/about';

eval { $db->selectall_arrayref('SELECT * FROM onpage_links') };
die "no error without a task_id: $@" unless $@ =~ /task_id is missing/;

sub use_url { $db->selectall_arrayref("SELECT onpage_config('base_url', ?), onpage_config('api_key', 'test-key')", {}, shift) }
sub count { ($db->selectrow_array('SELECT count(type) FROM onpage_links(?)', {}, $task))[0] }

use_url($ENV{SLOW_URL});
my $started = time;
$db->sqlite_progress_handler(1000, sub { time > $started + 0.5 });
eval { count() };
my $took = time - $started;
$db->sqlite_progress_handler(0, undef);
die "not interrupted: $@" unless $@ =~ /interrupt/i;
die "the progress handler took $took s" if $took > 20;
use_url($ENV{QUICK_URL});
die 'not usable' unless count() == 10;
$db->disconnect;
printf "SQLite %s; interrupted within %.0f ms\n", $DBD::SQLite::sqlite_version, ($took - 0.5) * 1000;
