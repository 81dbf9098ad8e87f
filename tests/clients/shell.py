"""The sqlite3 shell on a terminal of its own, as a person uses it: statements typed, and Ctrl-C."""
import os
import pty
import select
import subprocess
import time
import urllib.parse

task = "07131248-1535-0216-1000-17384017ad04"
load = """\
-- README
.load build/onpage
.parameter init
.parameter set :task "'07131248-1535-0216-1000-17384017ad04'"
SELECT page_from, link_to FROM onpage_links WHERE task_id = :task AND is_broken = 1;
-- end
"""
child, terminal = pty.fork()
if child == 0:
    os.execvp("sqlite3", ["sqlite3", "-interactive", "-init", "/dev/null", ":memory:"])
seen = ""


def wait_for(text, seconds=30):
    """What the terminal shows from now on, up to the text."""
    global seen
    end = time.monotonic() + seconds
    while text not in seen:
        assert time.monotonic() < end, f"no {text!r} in {seen!r}"
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536).decode("utf-8", "replace")
    shown, seen = seen.split(text, 1)
    return shown


def wait_for_connection(port, seconds=30):
    """Until a connection to the port stands, and with it a query is under way."""
    end = time.monotonic() + seconds
    established = f":{port:04X} 01 "
    while established not in open("/proc/net/tcp").read():
        assert time.monotonic() < end, f"no connection to port {port}"
        time.sleep(0.01)


def ask(statement, response):
    os.write(terminal, (statement + "\n").encode())
    return wait_for(response)


prompt = "sqlite> "
wait_for(prompt)
shown = "".join(ask(line, prompt) for line in load.splitlines() if not line.startswith("--"))
assert shown.count("/about|https://shop.example/") == 3, shown
assert "task_id is missing" in ask("SELECT * FROM onpage_links;", prompt)

use = "SELECT onpage_config('base_url', '%s'), onpage_config('api_key', 'test-key');"
count = "SELECT 'rows:' || count(type) FROM onpage_links(:task);"
ask(use % os.environ["SLOW_URL"], prompt)
os.write(terminal, (count + "\n").encode())
wait_for("\n")
wait_for_connection(urllib.parse.urlsplit(os.environ["SLOW_URL"]).port)
pressed = time.monotonic()
os.write(terminal, b"\x03")
assert "interrupt" in wait_for(prompt).lower()
took = time.monotonic() - pressed
assert took < 20, f"Ctrl-C took {took} s"
ask(use % os.environ["QUICK_URL"], prompt)
ask(count, "rows:10")
wait_for(prompt)
os.write(terminal, b".quit\n")
assert os.WIFEXITED(os.waitpid(child, 0)[1])
version = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True).stdout.split()[0]
print(f"SQLite {version}; Ctrl-C took {took * 1000:.0f} ms")
