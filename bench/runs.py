"""What is run: programs, and what is known of them beforehand."""
import os
import shutil
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TASK = "07131248-1535-0216-1000-17384017ad04"
TIME_LIMIT_S = 40  # for what may take far too long
AUTO, WIDE, DATAFORSEO = 5, 16, 20  # in flight: by default, by the option, by default at DataForSEO
HAS_JQ = shutil.which("jq") is not None and shutil.which("curl") is not None

ALL = "SELECT * FROM onpage_links WHERE task_id = '%s'" % TASK
COUNT = ALL.replace("*", "count(*)")
BROKEN = ALL + " AND is_broken = 1"
JOIN = "SELECT count(*), total(length(l.link_to)) FROM pages %sJOIN onpage_links AS l ON l.page_from = pages.path "
INNER = JOIN % "" + "WHERE l.task_id = '%s'" % TASK
LEFT = JOIN % "LEFT " + "AND l.task_id = '%s'" % TASK
BROKEN_FILTER = '[["is_broken","=",true]]'

SCAN, TABLE, AGAIN = "full scan", "into a table", "the full scan again"
CLOSED, LIMITED = "closed after its first row", "LIMIT 50000"
JOINS = ("inner join with 1,000 pages", "left join of 1,000 pages")
ONPAGE, ONPAGE_WIDE, ONPAGE_NARROW = "onpage", "onpage, max_in_flight = 16", "onpage, max_in_flight = 1"
ONPAGE_UNCACHED, ONPAGE_DATAFORSEO = "onpage, cache_mb = 0", "onpage, at DataForSEO"
BASELINE, PYTHON, CURL = "baseline", "Python client", "curl, jq, .import"


class Run:
    """One program to be measured. argv: takes a Place. baseline: the run it is compared with. expect: what its rows or value must
    be, else the measurement means nothing. pages, in_flight: requests that it takes at least, and most of them at once. table: it
    fills a table. last: what counts is the last statement alone. plot: its requests are drawn. host: of the API, where a front is
    between."""

    def __init__(self, what, using, argv, baseline=None, expect=None, times=1, pages=None, in_flight=1, env=None, **more):
        self.what, self.using, self.argv, self.baseline, self.expect = what, using, argv, baseline, expect
        self.times, self.pages, self.in_flight, self.env = times, pages, in_flight, env or {}
        self.table, self.last, self.plot = more.get("table", False), more.get("last", False), more.get("plot", False)
        self.limit_s, self.host = more.get("limit_s", 600), more.get("host", "api.aisa.one")
        self.measured = []

    def median(self, name):
        return statistics.median(one[name] for one in self.measured)

    def least(self):
        """The median of the physical limits in seconds, or None."""
        limits = [one["limit"] for one in self.measured]
        return None if None in limits else statistics.median(limits)

    def is_cut_off(self):
        return any(one["cut_off"] for one in self.measured)

    def ratio(self, name):
        """To the baseline; of runs side by side where both ran as often."""
        if self.baseline is None:
            return 1.0
        if len(self.baseline.measured) != len(self.measured):
            return self.median(name) / max(self.baseline.median(name), 1e-6)
        return statistics.median(
            one[name] / max(baseline[name], 1e-6) for one, baseline in zip(self.measured, self.baseline.measured)
        )


class Place:
    """What a program needs to know: the stand-in's URL and log, a database of its own, a file for the requests (None: not
    wanted), the certificates' (None: no TLS)."""

    def __init__(self, url, log, database, requests, ca_file):
        self.url, self.log, self.database, self.requests, self.ca_file = url, log, database, requests, ca_file


def pages_of(rows):
    return -(-rows // 1000)


class Programs:
    def __init__(self, build):
        self.build = build

    def path(self, *parts):
        return os.path.abspath(os.path.join(self.build, *parts))

    def baseline(self, *options):
        def argv(place):
            authorities = ["--ca-file", place.ca_file] if place.ca_file else []
            return [self.path("bench", "baseline"), *options, *authorities, place.url, TASK]

        return argv

    def query(self, *sql, options=(), in_memory=True):
        return lambda place: [
            self.path("bench", "query"),
            *options,
            *("--log", place.log),
            *(("--requests", place.requests) if place.requests else ()),
            self.path("onpage"),
            ":memory:" if in_memory else place.database,
            *sql,
        ]

    def python(self, *options):
        return lambda place: [sys.executable, os.path.join(HERE, "client.py"), *options, place.url, TASK, place.database]

    def curl_jq(self, *filters):
        return lambda place: [os.path.join(HERE, "curl-jq.sh"), place.url, TASK, place.database, *filters]


def in_flight(number):
    return {"ONPAGE_MAX_IN_FLIGHT": str(number)}


def scans(programs, crawl, times, baseline_times, plot=False):
    """The baseline, and a full scan by default and with more in flight. baseline_times: of the baseline; 0: without."""
    rows, pages = crawl.rows, pages_of(crawl.rows)
    runs = [Run(SCAN, BASELINE, programs.baseline(), None, rows, baseline_times, pages)] if baseline_times else []
    baseline, scan = (runs[0] if runs else None), programs.query(ALL)
    return runs + [
        Run(SCAN, ONPAGE, scan, baseline, rows, times, pages, AUTO, plot=plot),
        Run(SCAN, ONPAGE_WIDE, scan, baseline, rows, times, pages, WIDE, in_flight(WIDE), plot=plot),
    ]


def full_scans(programs, crawl, times, baseline_times, clients=(), table=True, plot=False):
    """Reading all rows, in all the ways there are. Clients run once."""
    rows, pages, tools = crawl.rows, pages_of(crawl.rows), {"python": PYTHON, "curl": CURL}
    scan, runs = programs.query(ALL), scans(programs, crawl, times, baseline_times, plot)
    baseline = runs[0]
    runs.append(Run(SCAN, ONPAGE_UNCACHED, scan, baseline, rows, times, pages, AUTO, {"ONPAGE_CACHE_MB": "0"}))
    if clients:
        runs.append(Run(SCAN, ONPAGE_NARROW, scan, baseline, rows, baseline_times, pages, 1, in_flight(1)))
    if table:
        create = programs.query("CREATE TABLE links AS " + ALL, in_memory=False)
        runs.append(Run(TABLE, ONPAGE, create, baseline, rows, times, pages, AUTO, table=True))
    for client in clients:
        argv = programs.python() if client == "python" else programs.curl_jq()
        if client == "python" or HAS_JQ:
            runs.append(Run(TABLE, tools[client], argv, baseline, rows, 1, pages, table=True))
    return runs


def small_queries(programs, crawl, times, full_baseline):
    """Queries that need few pages, or could do with few; joins of local pages and a repeated query are held against the full
    scan that a script would make of them."""
    pages = pages_of(crawl.broken)
    broken = Run("is_broken = 1", BASELINE, programs.baseline("--filters", BROKEN_FILTER), None, crawl.broken, times, pages)
    count = Run("count(*)", BASELINE, programs.baseline("--limit", "1", "--pages", "1"), None, crawl.rows, times, 1)
    ten = Run("LIMIT 10", BASELINE, programs.baseline("--limit", "10", "--pages", "1"), None, 10, times, 1)
    one = Run(CLOSED, BASELINE, programs.baseline("--pages", "1"), None, 1000, times, 1)
    attach = "ATTACH '%s' AS local" % crawl.pages_database
    part = min(crawl.rows, 50000)
    return [
        broken,
        Run(broken.what, ONPAGE, programs.query(BROKEN), broken, crawl.broken, times, pages, AUTO),
        Run(broken.what, PYTHON, programs.python("--filters", BROKEN_FILTER), broken, crawl.broken, times, pages, table=True),
        count,
        Run(count.what, ONPAGE, programs.query(COUNT), count, crawl.rows, times, 1),
        Run(count.what, PYTHON, programs.python("--limit", "1"), count, crawl.rows, times, 1),
        ten,
        Run(ten.what, ONPAGE, programs.query(ALL + " LIMIT 10"), ten, 10, times, 1),
        Run(ten.what, PYTHON, programs.python("--limit", "10"), ten, 10, times, 1),
        one,
        Run(one.what, ONPAGE, programs.query(ALL, options=["--first"]), one, 1, times, 1),
        Run(LIMITED, ONPAGE, programs.query(ALL + " " + LIMITED), full_baseline, part, times, pages_of(part), AUTO),
        Run(AGAIN, ONPAGE, programs.query(ALL, ALL), full_baseline, crawl.rows, times, 0, last=True),
        Run(JOINS[0], ONPAGE, programs.query(attach, INNER), full_baseline, crawl.joined, limit_s=TIME_LIMIT_S),
        Run(JOINS[1], ONPAGE, programs.query(attach, LEFT), full_baseline, crawl.left_joined, limit_s=TIME_LIMIT_S),
    ]


def front_scans(programs, crawl, times, baseline_times):
    """Over TLS and HTTP/2, and there also at DataForSEO, where more may be in flight without being asked for."""
    runs, pages = scans(programs, crawl, times, baseline_times, plot=True), pages_of(crawl.rows)
    baseline = runs[0] if baseline_times else None
    more = {"plot": True, "host": "api.dataforseo.com"}
    runs.append(Run(SCAN, ONPAGE_DATAFORSEO, programs.query(ALL), baseline, crawl.rows, times, pages, DATAFORSEO, **more))
    return runs
