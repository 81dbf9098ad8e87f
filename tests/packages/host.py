"""host.py QUERY: the version of the wheel, that of the extension and the rows of the query, by onpage.load. Fails if the wheel's
list of files is wrong, or if onpage.load leaves the connection in another state than it should."""
import base64
import hashlib
import importlib.metadata
import sqlite3
import sys

import onpage

print(importlib.metadata.version("onpage"))
for file in importlib.metadata.files("onpage"):
    if file.hash:  # what pip itself adds may have none
        digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_binary()).digest()).rstrip(b"=").decode()
        assert file.hash.value == digest, file

conn = sqlite3.connect(":memory:")
onpage.load(conn)
for sql in ("SELECT onpage_version()", sys.argv[1]):
    for row in conn.execute(sql):
        print(*row, sep="|")

try:
    conn.load_extension(onpage.loadable_path())
    sys.exit("the loading of extensions should be off again")
except sqlite3.OperationalError as error:
    assert str(error) == "not authorized", error

class NotAConnection:
    conn = object()


class Python:
    """The sqlite3 of a Python without the loading of extensions."""

    NotSupportedError = sqlite3.NotSupportedError

    class Connection:
        pass


for refused, error_type, words in (
    (object(), TypeError, "not object; "),
    (NotAConnection(), TypeError, "not NotAConnection; "),
    (None, TypeError, "loadable_path()"),
    (Python.Connection(), sqlite3.NotSupportedError, "this Python is built without"),
):
    try:
        onpage.sqlite3 = Python
        onpage.load(refused)
        sys.exit("a connection that can't load extensions should be told apart")
    except error_type as error:
        assert words in str(error), error
    finally:
        onpage.sqlite3 = sqlite3


def rows(execute):
    """The same rows by another way to them."""
    return ["|".join(map(str, row)) for sql in ("SELECT onpage_version()", sys.argv[1]) for row in execute(sql)]


expected = rows(conn.execute)
others = []
try:
    import sqlite_utils

    database = sqlite_utils.Database(memory=True)
    onpage.load(database)
    assert rows(database.execute) == expected
    others.append("sqlite_utils")
except ImportError:
    pass
try:
    import apsw

    connection = apsw.Connection(":memory:")
    if not apsw.using_amalgamation:  # with a SQLite of its own it is another one than Python's, in one process
        onpage.load(connection)
        assert rows(connection.cursor().execute) == expected
        others.append("APSW")
except ImportError:
    pass
print("tried as well:", ", ".join(others), file=sys.stderr)
