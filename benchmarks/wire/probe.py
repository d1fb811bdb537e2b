"""Asks a server for its health a hundred times a second; prints the 99th percentile in ms."""

import statistics
import sys
import time

from benchmarks.wire.servers import connect

_PAUSE = 0.01


def main() -> None:
    """Ask for as long as the command line says."""
    url, seconds = sys.argv[1], float(sys.argv[2])
    connection = connect(url)
    taken: list[float] = []
    due = time.perf_counter()
    end = due + seconds
    while due < end:
        # Late requests keep their place in time: what waits behind a slow one is slow as well.
        time.sleep(max(0.0, due - time.perf_counter()))  # noqa: TID251 - the pace is the point
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        taken.append(time.perf_counter() - due)
        due += _PAUSE
    print(statistics.quantiles(taken, n=100)[-1] * 1000)


if __name__ == "__main__":
    main()
