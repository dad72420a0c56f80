"""Workload W3 on data frames and SQL: `frames.py NAME LOG` prints the number of breaching events. NAME is one of the functions
below; LOG is the binary records or, for pandas, Polars and DuckDB, the CSV, which each reads by itself."""
import sys

import numpy

HOUR, DAY = 3_600, 86_400
WINDOWS = [HOUR, DAY, 7 * DAY]
LIMITS = [[10, 40, 200], [15, 60, 300], [8, 30, 120], [12, 45, 225]]
RECORD = numpy.dtype([("t", "<i8"), ("account", "<u4"), ("action", "<u4")])


def is_csv(path):
    return path.endswith(".csv")


def records(path):
    return numpy.fromfile(path, dtype=RECORD)


def columns(path):
    events = records(path)
    return {name: events[name] for name in RECORD.names}


def numpy_lag(path):
    """The event L places before is still in the window: stable sort by account, then compare with a shift."""
    events, breaches = records(path), []
    for action, limits in enumerate(LIMITS):
        some = events[events["action"] == action]
        some = some[numpy.argsort(some["account"], kind="stable")]
        t, account = some["t"].copy(), some["account"].copy()
        for window, limit in zip(WINDOWS, limits):
            breaches.append(int(((account[limit:] == account[:-limit]) & (t[:-limit] > t[limit:] - window)).sum()))
    return breaches


def in_pandas(path):
    import pandas

    types = {"t": "int64", "account": "uint32", "action": "uint8"}
    return pandas.read_csv(path, dtype=types) if is_csv(path) else pandas.DataFrame(columns(path))


def pandas_shift(path):
    frame = in_pandas(path)
    breaches = []
    for action, limits in enumerate(LIMITS):
        some = frame[frame["action"] == action]
        times = some.groupby("account", sort=False)["t"]
        for window, limit in zip(WINDOWS, limits):
            breaches.append(int((times.shift(limit) > some["t"] - window).sum()))
    return breaches


def in_polars(path):
    import polars

    types = {"t": polars.Int64, "account": polars.UInt32, "action": polars.UInt32}
    return polars.read_csv(path, schema=types) if is_csv(path) else polars.DataFrame(columns(path))


def polars_shift(path):
    import polars

    frame = in_polars(path)
    breaches = []
    for action, limits in enumerate(LIMITS):
        some = frame.filter(polars.col("action") == action)
        asked = [
            (polars.col("t").shift(limit).over("account") > polars.col("t") - window).sum().alias(str(limit))
            for window, limit in zip(WINDOWS, limits)
        ]
        breaches += [int(count) for count in some.select(asked).row(0)]
    return breaches


def polars_rolling(path):
    """Counts by a rolling window: events of one second all see each other, so some count too many."""
    import polars

    frame = in_polars(path).with_columns(polars.lit(1).alias("one"))
    breaches = []
    for action, limits in enumerate(LIMITS):
        some = frame.filter(polars.col("action") == action)
        for window, limit in zip(WINDOWS, limits):
            held = polars.col("one").rolling_sum_by("t", window_size=f"{window}i").over("account")
            breaches.append(int(some.select((held > limit).sum()).item()))
    return breaches


def pandas_rolling(path):
    """Counts by pandas' rolling window over times, open at its beginning."""
    import pandas

    frame = in_pandas(path)
    frame["one"] = 1.0
    frame.index = pandas.to_datetime(frame["t"], unit="s")
    breaches = []
    for action, limits in enumerate(LIMITS):
        accounts = frame[frame["action"] == action].groupby("account", sort=False)["one"]
        for window, limit in zip(WINDOWS, limits):
            breaches.append(int((accounts.rolling(f"{window}s").count() > limit).sum()))
    return breaches


def in_duckdb(path):
    import duckdb

    duckdb.execute("set threads = 1")
    if is_csv(path):
        types = "{'t': 'BIGINT', 'account': 'UINTEGER', 'action': 'UINTEGER'}"
        # A table has its rows in the order of the file, and numbers them.
        read = f"read_csv('{path}', columns = {types})"
        duckdb.execute(f"create table log as select *, row_number() over () as place from {read}")
        return duckdb
    import pyarrow

    log = {name: column.copy() for name, column in columns(path).items()}
    duckdb.register("log", pyarrow.table({"place": numpy.arange(len(log["t"])), **log}))
    return duckdb


def duckdb_range(path, edge=0):
    """Natural SQL: a RANGE frame holds all events of one second, later ones too, and the one exactly a window ago."""
    duckdb = in_duckdb(path)
    breaches = []
    for action, limits in enumerate(LIMITS):
        for window, limit in zip(WINDOWS, limits):
            query = f"""select count(*) filter (held > {limit}) from (
                        select count(*) over (partition by account order by t
                            range between {window - edge} preceding and current row) as held
                        from log where action = {action})"""
            breaches.append(duckdb.execute(query).fetchone()[0])
    return breaches


def duckdb_range_open(path):
    """The same with the event exactly a window ago left out, which whole seconds allow."""
    return duckdb_range(path, edge=1)


def duckdb_lag(path):
    duckdb = in_duckdb(path)
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
    print(sum(globals()[name](path)))
