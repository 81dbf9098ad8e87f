"""Python's own sqlite3. Another thread may interrupt a query; so may a progress handler, and Ctrl-C where there is one."""
import os
import signal
import sqlite3
import threading
import time

task = "07131248-1535-0216-1000-17384017ad04"

# README
db = sqlite3.connect(":memory:")
db.enable_load_extension(True)
db.load_extension("build/onpage")
db.set_progress_handler(lambda: 0, 1000)  # so that Ctrl-C is noticed
broken = db.execute("SELECT page_from, link_to FROM onpage_links WHERE task_id = ? AND is_broken = 1", (task,)).fetchall()
# end
assert len(broken) == 3 and broken[0][0] == "/about", broken

try:
    db.execute("SELECT * FROM onpage_links").fetchall()
    raise SystemExit("no error without a task_id")
except sqlite3.Error as error:
    assert "task_id is missing" in str(error), error


def use(url):
    db.execute("SELECT onpage_config('base_url', ?), onpage_config('api_key', 'test-key')", (url,)).fetchall()


def count():
    return db.execute("SELECT count(type) FROM onpage_links(?)", (task,)).fetchone()[0]


def ends_soon(name, prepare, clean_up):
    use(os.environ["SLOW_URL"])
    started = time.monotonic()
    prepare()
    try:
        count()
        raise SystemExit(f"{name} had no effect")
    except sqlite3.OperationalError as error:
        assert "interrupted" in str(error), error
    took = time.monotonic() - started
    clean_up()
    assert took < 20, f"{name} took {took} s"
    use(os.environ["QUICK_URL"])
    assert count() == 10
    return took - 0.5


# Python looks for signals when it runs code of its own: of the handler that was set above.
interrupt = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
by_signal = ends_soon("Ctrl-C", interrupt.start, interrupt.join)
assert by_signal < 5, by_signal
timer = threading.Timer(0.5, db.interrupt)
by_thread = ends_soon("interrupt()", timer.start, timer.join)
deadline = time.monotonic() + 0.5
by_handler = ends_soon(
    "the progress handler",
    lambda: db.set_progress_handler(lambda: time.monotonic() > deadline + by_thread + 0.5, 1000),
    lambda: db.set_progress_handler(None, 0),
)
db.close()
print(f"SQLite {sqlite3.sqlite_version}; interrupted within {by_thread * 1000:.0f} ms, by Ctrl-C within {by_signal * 1000:.0f} ms")
