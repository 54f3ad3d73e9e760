"""How fast a large register is read, beside pyreadstat and R's haven: a table of seconds and ratios.

    python benches/readers.py [rows]         # pip install pyreadstat pandas pyarrow; apt install r-cran-haven

Writes a register of nine columns to `outputs/readers` in every format, then reads all columns and two of them. What is timed is from
opening the file to its columns in memory: data frames there, arrow arrays piece by piece here. Best of three, one after the other.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyreadstat

HERE = pathlib.Path(__file__).resolve().parent.parent
PLACE = HERE / "outputs" / "readers"
TWO = ["rbe_identificatie", "omzet"]


def register(rows):
    random = np.random.default_rng(1)
    sizes = np.array(["00", "10", "21", "22", "30", "40", "50"])
    omzet = random.integers(-1000, 5_000_000, rows).astype(float)
    omzet[random.random(rows) < 0.05] = np.nan
    return pd.DataFrame(
        {
            "rbe_identificatie": [f"{7 * at + 1000003:010}" for at in range(rows)],
            "rbe_sbigecoordineerd": [f"{sbi:05}" for sbi in random.integers(1000, 99999, rows)],
            "rbe_gksbsgecoordineerd": sizes[random.integers(0, len(sizes), rows)],
            "rbe_werkzamepersonen": random.integers(0, 150, rows).astype(float),
            "rbe_datumontstaan": pd.to_datetime(random.integers(0, 16_000, rows), unit="D"),
            "omzet": omzet,
            "kwartaal": random.integers(1, 5, rows).astype(float),
            "ophoogfactor": random.random(rows).round(4) * 20,
            "naam": [f"bedrijf {at % 4096} te ergens" for at in range(rows)],
        }
    )


def write(rows):
    frame = register(rows)
    PLACE.mkdir(parents=True, exist_ok=True)
    dates = {"rbe_datumontstaan": "DATE11"}
    pyreadstat.write_sav(frame, PLACE / "register.sav", row_compress=True, variable_format=dates)
    pyreadstat.write_sav(frame, PLACE / "register.zsav", compress=True, variable_format=dates)
    pyreadstat.write_dta(frame, PLACE / "register.dta", version=14)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pyarrow.feather.write_feather(table, PLACE / "register.feather", compression="lz4", chunksize=65536)
    pyarrow.feather.write_feather(table, PLACE / "register.arrow", compression="uncompressed", chunksize=65536)
    frame.to_parquet(PLACE / "register.parquet", compression="snappy", index=False)
    frame.to_csv(PLACE / "register.csv", index=False, date_format="%Y-%m-%d")
    (PLACE / "rows").write_text(str(rows))


def best(step):
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    return min(times)


def python():
    read = {"sav": pyreadstat.read_sav, "zsav": pyreadstat.read_sav, "dta": pyreadstat.read_dta}
    return {
        (extension, columns): best(lambda: reader(PLACE / f"register.{extension}", usecols=TWO if columns == "two" else None))
        for extension, reader in read.items()
        for columns in ["all", "two"]
    }


R = """
suppressMessages(library(haven))
read <- list(sav = read_sav, zsav = read_sav, dta = read_dta)
for (extension in names(read)) for (columns in c("all", "two")) {
  file <- file.path("%(place)s", paste0("register.", extension))
  seconds <- min(sapply(1:3, function(i) system.time(
    if (columns == "two") read[[extension]](file, col_select = c(%(two)s)) else read[[extension]](file))["elapsed"]))
  cat(extension, columns, seconds, "\\n")
}
"""


def haven():
    if not shutil.which("Rscript"):
        return {}
    script = R % {"place": PLACE, "two": ", ".join(TWO)}
    lines = subprocess.run(["Rscript", "-e", script], check=True, capture_output=True, text=True).stdout.splitlines()
    return {(extension, columns): float(seconds) for extension, columns, seconds in (line.split() for line in lines)}


def sluis(cargo):
    command = [cargo, "test", "--locked", "--lib", "--", "--ignored", "--nocapture", "--exact", "registers::tests::speed::how_fast_a_register_is_read"]
    out = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE).stdout
    found = re.findall(r"^(\w+) (all|two) (\d+) rows ([\d.]+) s$", out, re.MULTILINE)
    assert len(found) == 14, out
    return {(extension, columns): float(seconds) for extension, columns, _, seconds in found}


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    marker = PLACE / "rows"
    if not marker.exists() or marker.read_text() != str(rows):
        write(rows)
    ours, theirs, r = sluis(sys.argv[2] if len(sys.argv) > 2 else "cargo"), python(), haven()
    print(f"{rows} rows, 9 columns; seconds, and how many times as long the others take")
    for key, seconds in ours.items():
        line = f"{key[0]:8} {key[1]}  sluis {seconds:7.3f}"
        for name, times in [("pyreadstat", theirs), ("haven", r)]:
            if key in times:
                line += f"   {name} {times[key]:7.3f} ({times[key] / seconds:5.1f})"
        print(line)


main()
