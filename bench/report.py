"""Tables of ratios and of seconds, what is to be reached, and the README's table."""
import itertools

from limits import NETWORKS
from runs import (
    AGAIN, BASELINE, CLOSED, CURL, JOINS, LIMITED, ONPAGE, ONPAGE_DATAFORSEO, ONPAGE_NARROW, ONPAGE_UNCACHED, ONPAGE_WIDE,
    PYTHON, SCAN, TABLE, pages_of,
)  # fmt: skip

LEAST_USER_S = 0.02  # below, user CPU is mostly the clock's grain
NONE = "–"
# Of a full scan at 200 ms a request, in MB: what it took when each response was parsed as soon as it came, and 2 for chance.
PEAK_MB, PEAK_WIDE_MB, PEAK_UNCACHED_MB = 62, 70, 22


def thousands(number):
    return format(number, ",")


def megabytes(run):
    return run.median("peak_kb") / 1024


def has_user(run):
    return run.baseline is None or run.baseline.median("user") >= LEAST_USER_S


def ratio_cells(run):
    baseline_s, limit = (run.baseline or run).median("wall"), run.least()
    limits = [NONE, NONE]
    if limit:
        limits = ["%.2f" % (limit / baseline_s), "%.2f" % (run.median("wall") / limit)]
    if run.is_cut_off():
        return ["> %.2g" % run.ratio("wall"), limits[0], "", "", "> %d" % run.median("requests"), ""]
    return [
        "%.2f" % run.ratio("wall"),
        *limits,
        "%.2f" % run.ratio("user") if has_user(run) else NONE,
        thousands(round(run.median("requests"))),
        "%.0f" % megabytes(run),
    ]


def second_cells(run):
    sign, limit = "> " if run.is_cut_off() else "", run.least()
    return [
        "%s%.3f" % (sign, run.median("wall")),
        NONE if limit is None else "%.3f" % limit,
        "%.3f" % run.median("user"),
        thousands(round(run.median("requests"))),
        "%d" % run.median("most_in_flight"),
        "%.1f" % megabytes(run),
        str(len(run.measured)),
    ]


RATIO_HEADS = ["wall ÷ baseline", "limit ÷ baseline", "wall ÷ limit", "user CPU ÷ baseline", "requests", "peak MB"]
SECOND_HEADS = ["wall s", "limit s", "user s", "requests", "at once", "peak MB", "runs"]


def table(title, runs, heads, cells):
    lines = ["### " + title, "", "| what | with | " + " | ".join(heads) + " |", "|---|---|" + "--:|" * len(heads)]
    for what, same in itertools.groupby(sorted(runs, key=lambda run: first_of(runs, run.what)), lambda run: run.what):
        for i, run in enumerate(same):
            lines.append("| %s | %s | %s |" % ("" if i else what, run.using, " | ".join(cells(run))))
    return "\n".join(lines) + "\n"


def first_of(runs, what):
    return next(i for i, run in enumerate(runs) if run.what == what)


def find(runs, what, using=ONPAGE):
    return next((run for run in runs if run.what == what and run.using == using), None)


class Checks:
    """What the benchmark is to show: (text, reached, found)."""

    def __init__(self):
        self.found = []

    def at_least(self, text, factor, run):
        speed, limit = 1 / run.ratio("wall"), run.least()
        found = "%.2f" % speed + (", %.2f would be the limit" % (run.baseline.median("wall") / limit) if limit else "")
        self.found.append(("%s: ≥ %.2g times the baseline's speed" % (text, factor), speed >= factor, found))

    def near_limit(self, text, factor, run):
        times = run.median("wall") / run.least()
        self.found.append(("%s: ≤ %.2f times the limit" % (text, factor), times <= factor, "%.2f" % times))

    def at_most(self, text, most, value, form="%d"):
        self.found.append(("%s: ≤ %s" % (text, form % most), value <= most, form % value))

    def requests(self, text, most, run):
        sign, requests = "> " if run.is_cut_off() else "", run.median("requests")
        self.found.append(("requests of %s: ≤ %d" % (text, most), requests <= most and not sign, "%s%d" % (sign, requests)))


def checks(groups, pages):
    here, far, short = groups["small", "here"], groups["small", "far"], groups["short", "far"]
    found = Checks()
    found.at_least("20,000 rows at 200 ms", 3.9, find(short, SCAN))
    found.at_least("20,000 rows at 200 ms, max_in_flight = 16", 6, find(short, SCAN, ONPAGE_WIDE))
    found.at_least("76,140 rows at 200 ms", 4.7, find(far, SCAN))
    found.at_least("76,140 rows at 200 ms, max_in_flight = 16", 12, find(far, SCAN, ONPAGE_WIDE))
    limited = find(far, LIMITED) or find(here, LIMITED)
    if limited.least():
        found.near_limit("LIMIT 50000 at 200 ms", 1.15, limited)
    found.at_most("user CPU of a full scan, times the baseline", 1.2, find(here, SCAN).ratio("user"), "%.2f")
    found.at_most("user CPU of a full scan into a table, times the baseline", 1.2, find(here, TABLE).ratio("user"), "%.2f")
    found.at_most("user CPU of the full scan again, times the baseline", 0.15, find(here, AGAIN).ratio("user"), "%.2f")
    found.requests("the full scan again", 0, find(here, AGAIN))
    found.requests("a full scan", pages, find(here, SCAN))
    found.requests("a full scan at 200 ms", pages + 2, find(far, SCAN))
    found.requests("a full scan at 200 ms, max_in_flight = 16", pages + 8, find(far, SCAN, ONPAGE_WIDE))
    found.requests("count(*)", 1, find(here, "count(*)"))
    found.requests("LIMIT 10", 1, find(here, "LIMIT 10"))
    found.requests("the inner join", 2 * pages + 8, find(here, JOINS[0]))
    found.requests("the left join", 2 * pages + 8, find(here, JOINS[1]))
    found.requests("a scan closed after its first row", 2, find(far, CLOSED) or find(here, CLOSED))
    found.at_most("peak memory of a full scan at 200 ms, MB", PEAK_MB, megabytes(find(far, SCAN)))
    found.at_most("the same with max_in_flight = 16, MB", PEAK_WIDE_MB, megabytes(find(far, SCAN, ONPAGE_WIDE)))
    found.at_most("the same with cache_mb = 0, MB", PEAK_UNCACHED_MB, megabytes(find(far, SCAN, ONPAGE_UNCACHED)))
    if ("large", "here") in groups:
        large, base = groups["large", "here"], megabytes(find(here, SCAN, ONPAGE_UNCACHED))
        more = megabytes(find(large, SCAN, ONPAGE_UNCACHED)) - base
        found.at_most("peak memory, MB more for 761,400 rows than for 76,140, cache_mb = 0", 8, more, "%.1f")
        found.at_most("the same with cache_mb = 64", 8 + 64, megabytes(find(large, SCAN)) - base, "%.1f")
    if ("small", "tls") in groups:
        most = find(groups["small", "tls"], SCAN, ONPAGE_DATAFORSEO).median("most_in_flight")
        found.found.append(("requests at once at DataForSEO by default: 20", most == 20, "%d" % most))
    return found.found


# ---- The README's table


def figure(ratio):
    return "%.2f" % ratio if ratio < 0.995 else "%.1f" % ratio if ratio < 9.95 else "%.0f" % ratio


def walls(run, with_limit=False):
    if run is None:
        return ""
    limit = run.least() if with_limit else None
    told = ("> " if run.is_cut_off() else "") + figure(run.ratio("wall"))
    return told + (" (%s)" % figure(limit / (run.baseline or run).median("wall")) if limit else "")


def requests_cell(far, here, says_when):
    told = [thousands(round(run.median("requests"))) for run in (far, here) if run is not None]
    if len(told) < 2 or told[0] == told[1]:
        return told[0] if told else ""
    return "%s (%s%s)" % (*told, " at 0 ms" if says_when else "")


def readme(groups, crawls):
    far, here, short = groups["small", "far"], groups["small", "here"], groups["short", "far"]
    rows = [
        ("the baseline", SCAN, BASELINE),
        ("onpage, full scan", SCAN, ONPAGE),
        ("onpage, full scan, `max_in_flight` 16", SCAN, ONPAGE_WIDE),
        ("onpage, full scan, `max_in_flight` 1", SCAN, ONPAGE_NARROW),
        ("onpage, into a table", TABLE, ONPAGE),
        ("Python's standard library, into a table", TABLE, PYTHON),
        ("curl, jq, `.import`", TABLE, CURL),
        ("onpage, `count(*)` or `LIMIT 10`", "count(*)", None),
        ("onpage, the same query again", AGAIN, ONPAGE),
        ("onpage, inner join of 1,000 pages", JOINS[0], ONPAGE),
        ("onpage, left join of 1,000 pages", JOINS[1], ONPAGE),
    ]
    intro = "%s links; ratios to the baseline, less is better; in brackets, the least that 200 ms a request leave any client:\n"
    heads = "| | wall, 200 ms a request (limit) | wall, 0 ms | user CPU, 0 ms | requests |"
    lines = [intro % thousands(crawls["small"].rows), heads, "|---|--:|--:|--:|--:|"]
    for label, what, using in rows:
        cells = ["", "", "", "1"]
        if using is not None:
            slow, fast = find(far, what, using), find(here, what, using)
            if slow is None and fast is None:
                continue
            user = figure(fast.ratio("user")) if fast is not None and not fast.is_cut_off() else ""
            limited = what in (SCAN, TABLE) and using.startswith(ONPAGE)
            cells = ["1", "1", "1"] if using == BASELINE else [walls(slow, limited), walls(fast), user]
            cells.append(requests_cell(slow, fast, (what, using) == (SCAN, ONPAGE)))
        lines.append("| %s | %s |" % (label, " | ".join(cells)))
    five, wide = find(short, SCAN), find(short, SCAN, ONPAGE_WIDE)
    text = "20,000 links, which can all be read by offset, take %s of the baseline's time (limit %s)"
    text = (text + ", %s (%s) with `max_in_flight` 16.") % (
        *(figure(value) for value in (five.ratio("wall"), five.least() / five.baseline.median("wall"))),
        *(figure(value) for value in (wide.ratio("wall"), wide.least() / wide.baseline.median("wall"))),
    )
    if ("large", "here") in groups:
        text += " A scan of %s links needs %.0f MB of memory, one of %s %.0f MB, and up to `cache_mb` more with the cache." % (
            thousands(crawls["large"].rows),
            megabytes(find(groups["large", "here"], SCAN, ONPAGE_UNCACHED)),
            thousands(crawls["small"].rows),
            megabytes(find(here, SCAN, ONPAGE_UNCACHED)),
        )
    return "\n".join(lines) + "\n\n" + text + "\n"


def write(folder, crawls, groups, remarks):
    """Ratios and the README's table to standard output, and all of it to files in the folder."""
    pages = pages_of(crawls["small"].rows)
    ratios, in_seconds = [], []
    for (name, network), runs in groups.items():
        title = "%s rows, %s" % (thousands(crawls[name].rows), NETWORKS[network].name)
        ratios.append(table(title, runs, RATIO_HEADS, ratio_cells))
        in_seconds.append(table(title, runs, SECOND_HEADS, second_cells))
    lines = ["- [%s] %s; found %s" % ("x" if reached else " ", text, value) for text, reached, value in checks(groups, pages)]
    ratios.append("### To reach\n\n" + "\n".join(lines) + "\n")
    ratios.append("### For the README\n\n" + readme(groups, crawls))
    ratios += [remark + "\n" for remark in remarks]
    for name, parts in (("ratios.md", ratios), ("seconds.md", in_seconds)):
        with open(folder + "/" + name, "w", encoding="utf-8") as file:
            file.write("\n".join(parts))
    print("\n" + "\n".join(ratios))
    print("In seconds: %s/seconds.md; requests over time: %s/*.svg" % (folder, folder))
