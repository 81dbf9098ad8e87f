"""A picture of requests over time: one bar from the sending of a request to the end of its response. A row is a place among those
in flight, not a connection: a request takes the first place that is free. Gaps in a row are time in which one more could have
been under way. What of a bar is pale, the server needn't have: the response was on its way, or waited to be read and parsed."""
import datetime
import html
import json

KINDS = (("the first page", "#c0392b"), ("by offset", "#2e86c1"), ("by token", "#d68910"), ("a count", "#7d3c98"))
LEFT, TOP, WIDTH, ROW = 40, 60, 1100, 18
CLOCK_S = 0.002  # both times of a request are cut to milliseconds


def body_of(body):
    return body[0] if isinstance(body, list) else body


def kind_of(request, is_first):
    body = body_of(request["body"])
    if body.get("limit") == 1:
        return KINDS[3]
    if body.get("search_after_token"):
        return KINDS[2]
    return KINDS[0] if is_first else KINDS[1]


def bars(requests):
    """(row, start, end, request) with times in seconds from the first start on."""
    starts = [datetime.datetime.fromisoformat(one["started_at"].replace("Z", "+00:00")).timestamp() for one in requests]
    begin, free_at = min(starts), []
    for start, request in sorted(zip(starts, requests), key=lambda one: one[0]):
        start -= begin
        end = start + request["duration_ms"] / 1000
        row = next((i for i, free in enumerate(free_at) if free <= start + CLOCK_S), len(free_at))
        free_at[row:] = [end] + free_at[row + 1 :]
        yield row, start, end, request


def latencies(log, rtt_s):
    """By the request's body: the seconds that the server and the network took."""
    return {json.dumps(body_of(json.loads(one["body"])), sort_keys=True): one["latency_ms"] / 1000 + rtt_s for one in log}


def write(path, title, requests, served_s, wall_s, limit_s):
    """requests: as bench/query writes them. served_s: what latencies() gives. wall_s: of the statement."""
    drawn = list(bars(requests))
    rows = 1 + max(row for row, *_ in drawn)
    longest = max([wall_s, limit_s or 0] + [end for _, _, end, _ in drawn]) * 1.02
    bottom = TOP + rows * ROW
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000) if longest / step <= 25)

    def x(seconds):
        return LEFT + seconds / longest * WIDTH

    def text(left, base, content, more=""):
        return '<text x="%.1f" y="%.1f" %s>%s</text>' % (left, base, more, html.escape(content))

    def mark(seconds, label, color):
        line = '<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="%s" stroke-dasharray="4 3"/>'
        return [
            line % (x(seconds), x(seconds), TOP - 8, bottom + 4, color),
            text(x(seconds) - 4, bottom + 34, "%s: %.2f s" % (label, seconds), 'text-anchor="end" fill="%s"' % color),
        ]

    svg = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">'
        % (LEFT + WIDTH + 20, bottom + 44),
        '<rect width="100%" height="100%" fill="white"/>',
        text(LEFT, 20, title, 'font-size="15"'),
    ]
    kinds = {kind_of(request, i == 0) for i, (*_, request) in enumerate(drawn)}
    for i, (name, color) in enumerate(kind for kind in KINDS if kind in kinds):
        svg.append('<rect x="%d" y="30" width="12" height="12" fill="%s"/>' % (LEFT + 120 * i, color))
        svg.append(text(LEFT + 120 * i + 17, 40, name))
    svg.append(text(LEFT + 120 * len(kinds), 40, "pale: under way, or waiting to be read and parsed", 'fill="#666"'))
    for i in range(int(longest / step) + 1):
        line = '<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#e5e5e5"/>'
        svg.append(line % (x(i * step), x(i * step), TOP, bottom))
        svg.append(text(x(i * step), bottom + 16, "%g" % round(i * step, 3), 'text-anchor="middle" fill="#666"'))
    for row in range(rows):
        svg.append(text(LEFT - 6, TOP + row * ROW + 13, str(row + 1), 'text-anchor="end" fill="#666"'))
    for i, (row, start, end, request) in enumerate(drawn):
        color, label = kind_of(request, i == 0)[1], json.dumps(body_of(request["body"]), sort_keys=True)
        told = "%d: %.3f s to %.3f s, %s items, %s bytes" % (i + 1, start, end, request["items"], request["bytes"])
        shape = '<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s" fill-opacity="%g"/>'
        svg.append("<g><title>%s</title>" % html.escape(told))
        for until, opacity in ((end, 0.35), (min(end, start + served_s.get(label, end)), 1)):
            svg.append(shape % (x(start), TOP + row * ROW + 2, max(1, x(until) - x(start) - 1), ROW - 4, color, opacity))
        svg.append("</g>")
    svg += mark(limit_s, "limit", "#c0392b") if limit_s else []
    svg += mark(wall_s, "end of the statement", "#333")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(svg + ["</svg>", ""]))
