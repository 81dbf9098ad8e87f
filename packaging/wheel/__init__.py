"""The SQLite extension onpage: the links of a website crawl as a table.

    conn = sqlite3.connect(":memory:")
    onpage.load(conn)
"""
import os
import sqlite3

__all__ = ["load", "loadable_path"]


def loadable_path() -> str:
    """The full path of the extension, for programs that load it themselves."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "onpage.so")


def load(conn) -> None:
    """Loads the extension into a connection of sqlite3 or APSW, or into a sqlite_utils.Database. Afterwards extension loading is
    off, as it is in a new connection."""
    connection = getattr(conn, "conn", conn)  # that of a sqlite_utils.Database
    for enable_name, load_name in (("enable_load_extension", "load_extension"), ("enableloadextension", "loadextension")):
        enable, load_extension = getattr(connection, enable_name, None), getattr(connection, load_name, None)
        if enable and load_extension:
            break
    else:
        if isinstance(connection, sqlite3.Connection):
            raise sqlite3.NotSupportedError("onpage: this Python is built without SQLite extension loading")
        raise TypeError(
            "onpage.load takes a connection of sqlite3 or APSW, or a sqlite_utils.Database, not %s; "
            "whatever else loads SQLite extensions can load the file onpage.loadable_path()" % type(conn).__name__
        )
    enable(True)
    try:
        load_extension(loadable_path())
    finally:
        enable(False)
