"""The SQLite extension onpage: the links of a website crawl as a table.

    conn = sqlite3.connect(":memory:")
    onpage.load(conn)
"""
import os
import sqlite3

__all__ = ["load", "loadable_path"]


def loadable_path() -> str:
    """The full path of the extension, for whatever loads it."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "onpage.so")


def load(conn: sqlite3.Connection) -> None:
    """Loads the extension into a connection. The loading of other extensions is off afterwards, as it is in a new connection."""
    if not hasattr(conn, "enable_load_extension"):
        raise sqlite3.NotSupportedError("onpage: this Python is built without the loading of SQLite extensions")
    conn.enable_load_extension(True)
    try:
        conn.load_extension(loadable_path())
    finally:
        conn.enable_load_extension(False)
