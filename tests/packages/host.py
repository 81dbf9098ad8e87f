"""host.py QUERY: the version of the wheel, that of the extension and the rows of the query, by onpage.load. Fails where the wheel's list
of files is wrong, and where onpage.load doesn't treat its host as it should."""
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

try:
    onpage.load(object())  # as a connection of a Python without the loading of extensions
    sys.exit("a connection that can't load extensions should be told apart")
except sqlite3.NotSupportedError:
    pass
