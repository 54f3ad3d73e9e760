#!/bin/sh
# The reference study on registers of four and sixteen times the country; see europe.py, which takes the arguments.
# Needs python3 and about 25 GB of disk; pyarrow is installed into target/bench-python.
set -eu
cd "$(dirname "$0")/.."
python=target/bench-python/bin/python
if [ ! -x "$python" ]; then
  python3 -m venv target/bench-python
fi
"$python" -c "import pyarrow" 2>/dev/null || "$python" -m pip install --quiet pyarrow
exec "$python" benches/europe.py "$@"
