#!/usr/bin/env bash
# Runs public peers beside pacewise on W3 and W4, in interleaved rounds of one run. They are fetched now, from crates.io and
# PyPI, into a folder of their own: `benches/peers/run.sh [FOLDER]`. Needs cargo and python3 with venv.
set -euo pipefail
cd "$(dirname "$0")"
work=${1:-$(mktemp -d)}
mkdir -p "$work"

cargo build --release --manifest-path ../../Cargo.toml --no-default-features --example write_w3 --example scan_w3 \
  --target-dir "$work/target"
cargo build --release --target-dir "$work/target"
[[ -x "$work/venv/bin/python" ]] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet numpy pandas polars duckdb pyarrow
log="$work/w3.bin"
[[ -s "$log" ]] || "$work/target/release/examples/write_w3" "$log"

echo "load: $(cat /proc/loadavg 2>/dev/null || echo unknown)"
echo "W3: whole processes, one thread each, three interleaved rounds"
export POLARS_MAX_THREADS=1 OMP_NUM_THREADS=1
for _ in 1 2 3; do
  TIMEFORMAT="pacewise scan_w3: %U user %S system CPU s"
  time "$work/target/release/examples/scan_w3" "$log"
  for name in numpy_lag pandas_shift polars_shift duckdb_lag polars_rolling pandas_rolling duckdb_range duckdb_range_open; do
    "$work/venv/bin/python" frames.py "$name" "$log" || echo "$name: did not run"
  done
done
echo "W4: in one process, one thread"
"$work/target/release/peers"
