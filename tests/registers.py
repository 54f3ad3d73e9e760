"""Reads synthetic registers with other software: every format must tell what the Parquet files tell.

    sluis synth --format parquet --out FOLDER/parquet --units 20000      # and csv, arrow, sav, zsav, dta
    python tests/registers.py FOLDER                                     # pip install pyreadstat pandas pyarrow

With `pspp-convert` on the path (Debian: pspp) the SPSS files are read by PSPP too.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import pandas as pd
import pyreadstat

FOLDER = pathlib.Path(sys.argv[1])
READERS = {
    "arrow": pd.read_feather,
    "sav": lambda path: pyreadstat.read_sav(path)[0],
    "zsav": lambda path: pyreadstat.read_sav(path)[0],
    "dta": lambda path: pyreadstat.read_dta(path)[0],
}


def same(expected, found):
    if found.dtype.kind in "fi":
        return expected.astype("float64").fillna(-1e18).equals(found.astype("float64").fillna(-1e18))
    return expected.astype(str).tolist() == found.astype(str).tolist()


def check(name, expected, found):
    assert list(expected.columns) == list(found.columns), name
    assert len(expected) == len(found), name
    for column in expected.columns:
        assert same(expected[column], found[column]), f"{name}, {column}"


def pspp_rows(path):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.csv"
        subprocess.run(["pspp-convert", path, out], check=True)
        return sum(1 for _ in out.open()) - 1


count = 0
for path in sorted((FOLDER / "parquet").glob("*.parquet")):
    expected = pd.read_parquet(path)
    for extension, read in READERS.items():
        other = FOLDER / extension / f"{path.stem}.{extension}"
        check(str(other), expected, read(other))
        count += 1
        if extension.endswith("sav") and shutil.which("pspp-convert"):
            assert pspp_rows(other) == len(expected), f"{other} in PSPP"
    assert len(pd.read_stata(FOLDER / "dta" / f"{path.stem}.dta")) == len(expected)
assert count > 100, "the folders hold a delivery in every format"
print(f"{count} files agree")
