#!/bin/sh
# The national run beside the means alone written by hand: wall time and peak memory of each, in one run, as ratios.
#
#   benches/national.sh [UNITS] [FOLDER]
#
# UNITS is the register of 2019 (1986609 unless given). Needs python3; polars, duckdb and pyarrow are installed into FOLDER/python.
# SLUIS names another binary to measure.
set -eu
cd "$(dirname "$0")/.."
units="${1:-1986609}"
folder="${2:-target/bench-national}"
sluis="${SLUIS:-target/debug/sluis}"
mkdir -p "$folder"
[ -d "$folder/registers" ] || "$sluis" synth --units "$units" --out "$folder/registers" --format parquet
if [ ! -x "$folder/python/bin/python" ]; then
  python3 -m venv "$folder/python"
  "$folder/python/bin/pip" install --quiet polars duckdb pyarrow
fi

# Runs a command and prints its name, wall seconds and peak memory.
timed() {
  name="$1"; shift
  python3 - "$name" "$@" <<'PYTHON'
import resource, subprocess, sys, time
name, command = sys.argv[1], sys.argv[2:]
began = time.perf_counter()
code = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
wall = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
print(f"{name:<28}{wall:8.1f} s{peak:8.2f} GiB{'' if code == 0 else f'  exit code {code}'}", flush=True)
PYTHON
}

for round in 1 2; do
  rm -rf "$folder/out"
  timed "sluis, whole study ($round)" "$sluis" run pipelines/smart-industry.toml --quiet --data "$folder/registers" --out "$folder/out"
  for engine in polars duckdb; do
    timed "$engine, means alone ($round)" "$folder/python/bin/python" benches/by_hand.py "$folder/registers" --engine "$engine" --format parquet
  done
done
