"""The least time that a network and a server leave to any client, however fast it is.

The first request goes out alone, since only its response says how many pages there are. The others go out as soon as one of
those in flight has ended: latency × (1 + ceil((pages - 1) / in flight))."""
import math

PAGE_ROWS = 1000
OFFSET_ROWS = 20000  # of those, pages are read by offset; beyond, a sequential client goes on by token


class Network:
    """What lies between a client and the rows. latency_ms: of a request, network included; sigma: its logarithm's deviation;
    offset_ms: more for each 1,000 rows of offset; bandwidth: bytes a second in all; rtt_ms: what of latency_ms is the network's,
    which TLS needs twice before the first request (None: no TLS)."""

    def __init__(self, name, latency_ms, sigma=0, offset_ms=0, bandwidth=0, rtt_ms=None):
        self.name, self.latency_ms, self.sigma = name, latency_ms, sigma
        self.offset_ms, self.bandwidth, self.rtt_ms = offset_ms, bandwidth, rtt_ms

    def options(self):
        """Of the stand-in."""
        options = ["--latency", self.latency_ms - (self.rtt_ms or 0)]
        options += ["--latency-sigma", self.sigma, "--latency-seed", 1] if self.sigma else []
        options += ["--offset-latency", self.offset_ms] if self.offset_ms else []
        options += ["--bandwidth", self.bandwidth] if self.bandwidth else []
        options += ["--body", "both"] if self.rtt_ms is not None else []
        return [str(option) for option in options]

    def setup_s(self):
        return 2 * (self.rtt_ms or 0) / 1000

    def longest_s(self):
        """Longer than about any request takes."""
        return self.latency_ms * math.exp(4 * self.sigma) / 1000 + 20 * self.offset_ms / 1000

    def limit_s(self, pages, in_flight, log):
        """log: what the stand-in's says of the requests of one run. None: latency doesn't limit anything."""
        if not self.latency_ms or pages is None:
            return None
        if pages == 0:
            return 0
        if self.sigma or self.offset_ms:
            waits = self.waits_s(pages, in_flight, [one["latency_ms"] / 1000 for one in log])
        else:
            waits = self.latency_ms / 1000 * (1 + math.ceil((pages - 1) / in_flight))
        if self.bandwidth:
            items = max(1, sum(one["items"] for one in log))
            size = sum(one["bytes"] for one in log) * min(1, pages * PAGE_ROWS / items)
            waits = max(waits, self.latency_ms / 1000 + size / self.bandwidth)
        return self.setup_s() + waits

    @staticmethod
    def waits_s(pages, in_flight, latencies):
        """Where latencies differ there are no rounds: the least is that all in flight end together. Requests that were made beyond
        what the pages take are left out by their mean."""
        first, rest = latencies[0], latencies[1:]
        if not rest:
            return first
        return first + max(sum(rest) / len(rest) * (pages - 1) / in_flight, max(rest))

    def sequential_s(self, pages, size):
        """What waiting takes a client that sends one request after the other. size: bytes of all pages."""
        latency = self.latency_ms * math.exp(self.sigma**2 / 2) / 1000
        offsets = sum(range(min(pages, OFFSET_ROWS // PAGE_ROWS))) * PAGE_ROWS / 1000
        return (
            self.setup_s()
            + pages * latency
            + offsets * self.offset_ms / 1000
            + (size / self.bandwidth if self.bandwidth else 0)
        )


NETWORKS = {
    "here": Network("0 ms a request", 0),
    "far": Network("200 ms a request", 200),
    "varying": Network("about 200 ms a request (lognormal, σ 0.5)", 200, sigma=0.5),
    "narrow": Network("200 ms a request, 500 kB/s in all", 200, bandwidth=500000),
    "deep": Network("200 ms a request, 20 ms more for each 1,000 rows of offset", 200, offset_ms=20),
    "tls": Network("200 ms a request over TLS and HTTP/2 (50 ms of it the network's)", 200, rtt_ms=50),
}
