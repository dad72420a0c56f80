#!/usr/bin/env bash
# Runs public peers beside pacewise in interleaved rounds of one run: W3 from binary records and from CSV, W4 in process, and
# load generators. `benches/peers/run.sh [FOLDER [ROUNDS]]` (5 rounds) fetches them now, from crates.io and PyPI, into a folder
# of their own; wrk, which no registry has, is used where it is installed. Needs cargo and python3 with venv. A peer that cannot
# be got is named and left out.
set -euo pipefail
cd "$(dirname "$0")"
work=${1:-$(mktemp -d)}
mkdir -p "$work"
work=$(cd "$work" && pwd)

missing() { echo "$1: could not be got; its rows are left out" >&2; }

cargo build --release --locked --manifest-path ../../Cargo.toml --bin pacewise --example write_w3 --example scan_w3 \
  --target-dir "$work/target"
for peer in plain governor limitador handler; do
  cargo build --release --manifest-path "$peer/Cargo.toml" --target-dir "$work/target" || missing "$peer"
done
[[ -x "$work/tools/bin/oha" ]] ||
  cargo install oha --version '^1' --locked --root "$work/tools" --target-dir "$work/oha" || missing oha
[[ -x "$work/venv/bin/python" ]] || python3 -m venv "$work/venv"
for package in numpy pandas polars duckdb pyarrow; do
  "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$package" || missing "$package"
done
command -v wrk >/dev/null || echo "wrk: not on this machine; its row is left out" >&2
for log in w3.bin w3.csv; do
  [[ -s "$work/$log" ]] || "$work/target/release/examples/write_w3" "$work/$log"
done

# One thread each, as ours have.
export POLARS_MAX_THREADS=1 OMP_NUM_THREADS=1
"$work/venv/bin/python" rounds.py "$work" "${2:-5}"
