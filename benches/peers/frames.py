"""Workload W3 on data frames and SQL: `frames.py NAME FILE` reads the binary records and prints the breaches of each limit
and the CPU seconds that the process took, reading included. NAME is one of the functions below."""
import resource
import sys

import numpy

HOUR, DAY = 3_600, 86_400
WINDOWS = [HOUR, DAY, 7 * DAY]
LIMITS = [[10, 40, 200], [15, 60, 300], [8, 30, 120], [12, 45, 225]]
RECORD = numpy.dtype([("t", "<i8"), ("account", "<u4"), ("action", "<u4")])


def numpy_lag(events):
    """The event L places before is still in the window: stable sort by account, then compare with a shift."""
    breaches = []
    for action, limits in enumerate(LIMITS):
        some = events[events["action"] == action]
        some = some[numpy.argsort(some["account"], kind="stable")]
        t, account = some["t"].copy(), some["account"].copy()
        for window, limit in zip(WINDOWS, limits):
            breaches.append(int(((account[limit:] == account[:-limit]) & (t[:-limit] > t[limit:] - window)).sum()))
    return breaches


def pandas_shift(events):
    import pandas

    frame = pandas.DataFrame({name: events[name] for name in RECORD.names})
    breaches = []
    for action, limits in enumerate(LIMITS):
        some = frame[frame["action"] == action]
        times = some.groupby("account", sort=False)["t"]
        for window, limit in zip(WINDOWS, limits):
            breaches.append(int((times.shift(limit) > some["t"] - window).sum()))
    return breaches


def polars_shift(events):
    import polars

    frame = polars.DataFrame({name: events[name] for name in RECORD.names})
    breaches = []
    for action, limits in enumerate(LIMITS):
        some = frame.filter(polars.col("action") == action)
        asked = [
            (polars.col("t").shift(limit).over("account") > polars.col("t") - window).sum().alias(str(limit))
            for window, limit in zip(WINDOWS, limits)
        ]
        breaches += [int(count) for count in some.select(asked).row(0)]
    return breaches


def polars_rolling(events):
    """Counts by a rolling window: events of one second all see each other, so some count too many."""
    import polars

    frame = polars.DataFrame({name: events[name] for name in RECORD.names}).with_columns(polars.lit(1).alias("one"), polars.col("t").cast(polars.Int64))
    breaches = []
    for action, limits in enumerate(LIMITS):
        some = frame.filter(polars.col("action") == action)
        for window, limit in zip(WINDOWS, limits):
            held = polars.col("one").rolling_sum_by("t", window_size=f"{window}i").over("account")
            breaches.append(int(some.select((held > limit).sum()).item()))
    return breaches


def pandas_rolling(events):
    """Counts by pandas' rolling window over times, open at its beginning."""
    import pandas

    frame = pandas.DataFrame({name: events[name] for name in RECORD.names})
    frame["one"] = 1.0
    frame.index = pandas.to_datetime(frame["t"], unit="s")
    breaches = []
    for action, limits in enumerate(LIMITS):
        accounts = frame[frame["action"] == action].groupby("account", sort=False)["one"]
        for window, limit in zip(WINDOWS, limits):
            breaches.append(int((accounts.rolling(f"{window}s").count() > limit).sum()))
    return breaches


def open_in_duckdb(events):
    import duckdb
    import pyarrow

    log = pyarrow.table({"place": numpy.arange(len(events)), **{name: events[name].copy() for name in RECORD.names}})
    duckdb.execute("set threads = 1")
    duckdb.register("log", log)
    return duckdb


def duckdb_range(events, edge=0):
    """Natural SQL: a RANGE frame holds all events of one second, later ones too, and the one exactly a window ago."""
    duckdb = open_in_duckdb(events)
    breaches = []
    for action, limits in enumerate(LIMITS):
        for window, limit in zip(WINDOWS, limits):
            query = f"""select count(*) filter (held > {limit}) from (
                        select count(*) over (partition by account order by t
                            range between {window - edge} preceding and current row) as held
                        from log where action = {action})"""
            breaches.append(duckdb.execute(query).fetchone()[0])
    return breaches


def duckdb_range_open(events):
    """The same with the event exactly a window ago left out, which whole seconds allow."""
    return duckdb_range(events, edge=1)


def duckdb_lag(events):
    duckdb = open_in_duckdb(events)
    breaches = []
    for action, limits in enumerate(LIMITS):
        asked = ", ".join(
            f"count(*) filter (lag{limit} > t - {window})" for window, limit in zip(WINDOWS, limits)
        )
        lags = ", ".join(f"lag(t, {limit}) over w as lag{limit}" for limit in limits)
        query = f"""select {asked} from (select t, {lags} from log where action = {action}
                    window w as (partition by account order by t, place))"""
        breaches += list(duckdb.execute(query).fetchone())
    return breaches


if __name__ == "__main__":
    name, path = sys.argv[1:3]
    found = globals()[name](numpy.fromfile(path, dtype=RECORD))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{name}: {sum(found)} breaches {found}, {used.ru_utime + used.ru_stime:.2f} CPU s, {used.ru_maxrss >> 10} MiB")
