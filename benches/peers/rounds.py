"""Runs pacewise and its peers in interleaved rounds and prints tables: medians of CPU seconds (user and system of whole
processes), and the median of the ratios to ours within each round. `rounds.py FOLDER [ROUNDS]`, called by run.sh, which puts
the programs into the folder. What is missing there is named and left out. Each process is bounded in time."""
import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).parent
BREACHES = 13_072_943
CHECKS = 50_000
CONNECTIONS = 64
SECONDS = 120
# The handler says at once where it listens.
STARTING = 10
BODY = '{"account":"a17","action":"message","at":1767571200000}'


class Program:
    """What is run once a round. `read` makes of its output the figure (CPU seconds are handed to it) and what is wrong.
    Slow ones run in the first round only."""

    def __init__(self, name, command, read, is_slow=False, trouble=None):
        self.is_slow = is_slow
        self.name, self.command, self.read = name, [str(word) for word in command], read
        self.figures, self.peaks, self.remark, self.trouble = {}, [], "", trouble

    def run(self, at):
        if self.trouble or (self.is_slow and at > 0):
            return
        try:
            out, cpu, peak = measure(self.command)
            self.figures[at], self.remark = self.read(out, cpu)
            self.peaks.append(peak)
        except (OSError, RuntimeError, ValueError, LookupError) as error:
            self.trouble = str(error)


def measure(command):
    """The output, CPU seconds and peak MiB of a process."""
    if not Path(command[0]).exists():
        raise RuntimeError("could not be got: it is not there")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    is_late = threading.Event()
    bound = bounded(process, SECONDS, is_late)
    errors = []
    drain = threading.Thread(target=lambda: errors.append(process.stderr.read()))
    drain.start()
    out = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    bound.cancel()
    drain.join()
    if is_late.is_set() and process.returncode == -signal.SIGKILL:
        raise RuntimeError(f"did not end within {SECONDS} s")
    if process.returncode < 0:
        raise RuntimeError(f"was ended by {name_of(-process.returncode)}, not by its bound of {SECONDS} s")
    # A scan that finds breaches ends with 1, and says nothing on standard error.
    if process.returncode != 0 and not (process.returncode == 1 and out):
        raise RuntimeError(f"did not run: {last_line(errors[0])}")
    return out, used.ru_utime + used.ru_stime, used.ru_maxrss >> 10


def bounded(process, seconds, is_late):
    """Ends a process that takes longer, and tells so, since others may end it with the same signal."""

    def end():
        is_late.set()
        process.kill()

    bound = threading.Timer(seconds, end)
    bound.daemon = True
    bound.start()
    return bound


def name_of(number):
    if number == signal.SIGKILL:
        return "SIGKILL (as a rule for want of memory)"
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def last_line(errors):
    return (errors.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]


def breaches(out, cpu):
    too_many = int(out.split()[-1]) - BREACHES
    return cpu, "exact" if too_many == 0 else f"{too_many:+,}"


def breaches_of_scan(out, cpu):
    head, *rows = [line.split(",") for line in out.splitlines()]
    return breaches(str(sum(int(row[head.index("breaches")]) for row in rows)), cpu)


def decisions(out, _):
    nanoseconds, wrong, all_of_them = map(float, out.split())
    return nanoseconds, f"{100 * wrong / all_of_them:.2f} %"


def all_judged(out, cpu):
    run = json.loads(out)
    judged, wrong = run["judged"], sum(run["wrong"].values())
    if judged != CHECKS:
        raise RuntimeError(f"only {judged} of {CHECKS} answers were judged")
    return cpu / judged * 1e6, f"all judged, {wrong} wrong"


def oha_requests(out, cpu):
    answered = json.loads(out)["statusCodeDistribution"].get("200", 0)
    if answered != CHECKS:
        raise RuntimeError(f"only {answered} of {CHECKS} requests were answered")
    return cpu / answered * 1e6, "not judged"


def wrk_requests(out, cpu):
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError("some requests failed")
    return cpu / int(re.search(r"(\d+) requests in", out).group(1)) * 1e6, "not judged"


def tables(work, url):
    """Without a URL load generators have nobody to ask."""
    built = work / "target" / "release"
    python, frames = work / "venv" / "bin" / "python", HERE / "frames.py"
    binary, csv = work / "w3.bin", work / "w3.csv"
    scan = [built / "pacewise", "scan", "--rules", HERE / "w3.toml", "--no-refusals", "--format", "csv"]

    def framed(name, form, log, is_slow=False):
        return Program(name, [python, frames, form, log], breaches, is_slow)

    def asking(name, command, read):
        return Program(name, command, read, trouble=None if url else "nobody to ask: peer_handler does not listen")

    return [
        ("W3 from binary records, whole processes", "CPU s", [
            Program("pacewise, event by event (`scan_w3`)", [built / "examples" / "scan_w3", binary], breaches),
            Program("`pacewise scan`", [*scan, binary], breaches_of_scan),
            Program("plain Rust, a queue for each window", [built / "peer_plain", binary], breaches),
            framed("NumPy, shift", "numpy_lag", binary),
            framed("Polars, shift", "polars_shift", binary),
            framed("pandas, shift", "pandas_shift", binary),
            framed("Polars, rolling", "polars_rolling", binary),
            framed("DuckDB, lag", "duckdb_lag", binary),
            framed("pandas, rolling", "pandas_rolling", binary, is_slow=True),
            framed("DuckDB, `RANGE` without the edge", "duckdb_range_open", binary, is_slow=True),
            framed("DuckDB, `RANGE`", "duckdb_range", binary, is_slow=True),
        ]),
        ("W3 from CSV, whole processes", "CPU s", [
            Program("`pacewise scan`", [*scan, csv], breaches_of_scan),
            Program("plain Rust, crate `csv`, a queue for each window", [built / "peer_plain", csv], breaches),
            framed("Polars, shift", "polars_shift", csv),
            framed("pandas, shift", "pandas_shift", csv),
            framed("DuckDB, lag", "duckdb_lag", csv),
        ]),
        ("W4 in process, one thread", "CPU ns a check", [
            Program("`Limiter`, single", [built / "peer_governor", "single"], decisions),
            Program("`Limiter`, batches of 1,000", [built / "peer_governor", "batches"], decisions),
            Program("governor, three limiters composed", [built / "peer_governor", "governor"], decisions),
            Program("limitador in memory, three limits, by its own clock", [built / "peer_limitador"], decisions),
        ]),
        (f"Load generators on a plain handler, {CONNECTIONS} connections", "CPU us a request", [
            asking("`pacewise load`", [
                built / "pacewise", "load", "--rules", HERE / "never.toml", "--target", url, "--times", "given",
                "--connections", CONNECTIONS, "--checks", CHECKS, "--format", "json"], all_judged),
            asking("oha", [
                work / "tools" / "bin" / "oha", "-n", CHECKS, "-c", CONNECTIONS, "--no-tui", "--output-format", "json",
                "-m", "POST", "-T", "application/json", "-d", BODY, f"{url}/v1/check"], oha_requests),
            asking("wrk", [
                find("wrk"), "-t", 1, "-c", CONNECTIONS, "-d", "2s", "-s", HERE / "post.lua",
                f"{url}/v1/check"], wrk_requests),
        ]),
    ]


def serving_at(process):
    """The URL of a handler, from its first line; none where it says nothing in time."""
    is_late = threading.Event()
    bound = bounded(process, STARTING, is_late)
    line = process.stdout.readline().decode().strip()
    bound.cancel()
    if line:
        return f"http://{line}"
    print(f"peer_handler: it did not say within {STARTING} s where it listens; rows on it are left out", file=sys.stderr)
    return None


def find(name):
    places = [Path(folder) / name for folder in os.environ.get("PATH", "").split(":")]
    return next((place for place in places if place.exists()), Path(name))


def show(title, unit, programs):
    ours = programs[0]
    # What a process is charged for before it becomes another program is the memory of this one.
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    # Of a process that holds the workload while it measures, memory tells nothing.
    is_whole = unit == "CPU s"
    memory = "peak MiB | " if is_whole else ""
    print(f"\n{title}\n\n| program | {unit} | least and most | times ours | {memory}wrong |")
    print(f"|---|---|---|---|---|{'---|' * is_whole}")
    for one in programs:
        if one.trouble or not one.figures:
            print(f"| {one.name} | {one.trouble or 'not run'} | | | |{' |' * is_whole}")
            continue
        figures, both = one.figures, one.figures.keys() & ours.figures.keys()
        times = f"{statistics.median(figures[at] / ours.figures[at] for at in both):.2f}" if both else "?"
        peak = f"{max(one.peaks)} | " if max(one.peaks) > floor else f"< {floor + 1} | "
        middle, least, most = statistics.median(figures.values()), min(figures.values()), max(figures.values())
        print(f"| {one.name} | {middle:.2f} | {least:.2f}-{most:.2f} | {times} | {peak if is_whole else ''}{one.remark} |")


def load():
    try:
        return Path("/proc/loadavg").read_text().split()[0]
    except OSError:
        return "unknown"


def main():
    work, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    handler, serving = work / "target" / "release" / "peer_handler", None
    all_tables, loads = [], [load()]
    if handler.exists():
        serving = subprocess.Popen([handler], stdout=subprocess.PIPE)
    try:
        all_tables = tables(work, serving and serving_at(serving))
        for at in range(rounds):
            programs = [one for _, _, some in all_tables for one in some]
            for one in programs if at % 2 == 0 else reversed(programs):
                one.run(at)
            loads.append(load())
            print(f"round {at + 1} of {rounds} done, load {loads[-1]}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted: what was measured until then", file=sys.stderr)
    finally:
        if serving:
            serving.kill()
    print(f"{len(loads) - 1} interleaved rounds, load of the machine before each and after the last: {', '.join(loads)}")
    for title, unit, programs in all_tables:
        show(title, unit, programs)


if __name__ == "__main__":
    main()
