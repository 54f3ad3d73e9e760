#!/bin/sh
# The national run beside the means alone written by hand; see national.py, which takes the arguments.
# Needs python3; polars, duckdb and pyarrow are installed into target/bench-python.
set -eu
cd "$(dirname "$0")/.."
python=target/bench-python/bin/python
if [ ! -x "$python" ]; then
  python3 -m venv target/bench-python
  "$python" -m pip install --quiet polars duckdb pyarrow
fi
exec "$python" benches/national.py "$@"
