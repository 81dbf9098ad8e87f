#!/usr/bin/env python3
"""client.py [--filters JSON] [--limit N] URL TASK DATABASE

What a script without any library would do: loops over offsets on one connection (by token past 20,000 rows), inserts each page by
executemany into the table links. --limit: that many rows are enough. Prints {"rows":…,"value":…}.
"""
import argparse
import gzip
import http.client
import json
import sqlite3
from urllib.parse import urlsplit

COLUMNS = (
    "type domain_from domain_to page_from page_to link_from link_to link_attribute dofollow page_from_scheme page_to_scheme "
    "direction is_broken text is_link_relation_conflict page_to_status_code image_alt image_src is_valid_hreflang hreflang"
).split()


def row_of(item):
    row = [item.get(column) for column in COLUMNS]
    if row[7] is not None:  # link_attribute
        row[7] = json.dumps(row[7])
    return row


def pages(connection, path, request, limit):
    """Gives the result of each page."""
    headers = {"Authorization": "Bearer test-key", "Content-Type": "application/json", "Accept-Encoding": "gzip"}
    rows = 0
    while True:
        connection.request("POST", path, json.dumps(request), headers)
        response = connection.getresponse()
        body = response.read()
        if response.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        result = json.loads(body)["tasks"][0]["result"][0]
        yield result
        rows += len(result["items"])
        if rows >= limit or rows >= result["total_items_count"]:
            return
        if rows < 20000:
            request["offset"] = rows
        else:
            request["search_after_token"] = result["search_after_token"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--filters", type=json.loads)
    parser.add_argument("--limit", type=int, default=2**31)
    parser.add_argument("url")
    parser.add_argument("task")
    parser.add_argument("database")
    arguments = parser.parse_args()
    url = urlsplit(arguments.url)
    request = {"id": arguments.task, "limit": min(1000, arguments.limit), "offset": 0}
    if arguments.filters:
        request["filters"] = arguments.filters
    database = sqlite3.connect(arguments.database)
    database.execute("CREATE TABLE links (%s)" % ", ".join('"%s"' % column for column in COLUMNS))
    insert = "INSERT INTO links VALUES (%s)" % ", ".join("?" * len(COLUMNS))
    connection = http.client.HTTPConnection(url.netloc)
    rows = value = 0
    for result in pages(connection, url.path + "/on_page/links", request, arguments.limit):
        database.executemany(insert, map(row_of, result["items"]))
        rows += len(result["items"])
        value = result["total_items_count"]
    database.commit()
    print(json.dumps({"rows": rows, "value": value}))


main()
