#!/usr/bin/env python3
"""Makes the same cells with DuckDB and with DataFusion, protects them, and compares with protecting the records themselves.

    pip install duckdb datafusion
    python tests/seam.py target/debug/sluis [--units 1000000] [--seed 1] [--folder FOLDER]

The records are drawn with whole-number arithmetic alone, so that a seed gives the same ones everywhere. `sluis protect` is run on the
records, on the cells of each engine as Parquet, and on those of DuckDB as CSV; the four releases must be equal byte for byte. Exits with
1 at the first that differs.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import datafusion
import duckdb

SQL = Path(__file__).parent.parent / "pipelines" / "cells.sql"

SECTORS = [(s, "") for s in "ABCDE"]
SECTORS += [(f"{s}{d}", s) for s in "ABCDE" for d in (1, 2, 3)]
SECTORS += [(f"{s}{d}{g}", f"{s}{d}") for s in "ABCDE" for d in (1, 2, 3) for g in (1, 2)]
REGIONS = [(f"R{n}", "") for n in (1, 2, 3)] + [(f"R{n}{m}", f"R{n}") for n in (1, 2, 3) for m in (1, 2, 3)]

# A step of a linear congruential generator per column; products of draws make rare sectors and few large firms.
# Amounts end differently, so that there are hardly two alike: of contributors that tie, which are named is a choice of the maker.
FIRMS = """
COPY (
  WITH drawn AS (
    SELECT
      i,
      ((i * 1103515245 + 12345 + {seed} * 7919) % 2147483648) // 64 AS a,
      ((i * 22695477 + 1 + {seed} * 104729) % 4294967296) // 64 AS b,
      ((i * 134775813 + 7 + {seed} * 1299709) % 4294967296) // 64 AS c,
      ((i * 69069 + 5 + {seed} * 15485863) % 4294967296) // 64 AS d
    FROM range({units}) AS ids(i)
  )
  SELECT
    'u' || i AS unit,
    CASE WHEN a % 10 < 2 THEN 'h' || (b % ({units} // 20 + 1)) ELSE '' END AS holding,
    'ABCDE'[1 + ((a % 1000) * (b % 1000) * 5) // 1000000] || (1 + ((b % 997) * (c % 997) * 3) // (997 * 997)) || (1 + c % 2) AS sector,
    'R' || (1 + ((c % 991) * (d % 991) * 3) // (991 * 991)) || (1 + d % 3) AS region,
    CASE WHEN d % 100 < 80 THEN 'small' WHEN d % 100 < 97 THEN 'medium' ELSE 'large' END AS size,
    CAST((1 + d % 500) * (1 << (a % 13)) * CASE WHEN b % 4099 = 0 THEN 900 ELSE 1 END * 1009 + (i * 7919) % 1009 AS BIGINT) AS turnover
  FROM drawn ORDER BY i
) TO '{path}' (FORMAT parquet)
"""


def hierarchy(path, rows):
    path.write_text("code,parent\n" + "".join(f"{code},{parent}\n" for code, parent in rows), encoding="utf-8")


def with_duckdb(folder, firms):
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW firms AS SELECT * FROM '{firms}'")
    for name, rows in (("sectors", SECTORS), ("regions", REGIONS)):
        connection.execute(f"CREATE TABLE {name} (code VARCHAR, parent VARCHAR)")
        connection.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)
    connection.execute("CREATE TABLE cells AS " + SQL.read_text(encoding="utf-8"))
    for form in ("parquet", "csv"):
        (folder / f"duckdb-{form}").mkdir()
        connection.execute(f"COPY cells TO '{folder}/duckdb-{form}/firms.{form}'")
    return connection.execute("SELECT count(*) FROM cells").fetchone()[0]


def with_datafusion(folder, firms):
    context = datafusion.SessionContext()
    context.register_parquet("firms", str(firms))
    for name, rows in (("sectors", SECTORS), ("regions", REGIONS)):
        context.from_pydict({"code": [code for code, _ in rows], "parent": [parent for _, parent in rows]}, name=name)
    cells = context.sql(SQL.read_text(encoding="utf-8"))
    (folder / "datafusion").mkdir()
    cells.repartition(1).write_parquet(str(folder / "datafusion" / "firms.parquet"))
    written = folder / "datafusion" / "firms.parquet"
    if written.is_dir():
        [part] = written.iterdir()
        part.rename(folder / "datafusion" / "part")
        written.rmdir()
        (folder / "datafusion" / "part").rename(written)


def protect(sluis, folder, name, table, arguments):
    out = folder / f"protected-{name}"
    command = [sluis, "protect", str(table), "--by", "sector,region,size", "--value", "turnover", "--profile", "eurostat"]
    command += ["--hierarchy", f"sector={folder}/sectors.csv", "--hierarchy", f"region={folder}/regions.csv"]
    command += ["--method", "fast", "--quiet", "--out", str(out), *arguments]
    began = time.monotonic()
    subprocess.run(command, check=True)
    release = {str(file.relative_to(out)): file.read_bytes() for file in sorted((out / "release").rglob("*")) if file.is_file()}
    print(f"{name}: protected in {time.monotonic() - began:.1f} s")
    return release


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sluis")
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="an empty folder to keep everything in")
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "records").mkdir()
    firms = folder / "records" / "firms.parquet"
    duckdb.sql(FIRMS.format(units=arguments.units, seed=arguments.seed, path=firms))
    hierarchy(folder / "sectors.csv", SECTORS)
    hierarchy(folder / "regions.csv", REGIONS)
    for name, engine in (("duckdb", with_duckdb), ("datafusion", with_datafusion)):
        began = time.monotonic()
        cells = engine(folder, firms)
        print(f"{name}: cells made of {arguments.units} records in {time.monotonic() - began:.1f} s" + (f", {cells} cells" if cells else ""))
    largest = ",".join(f"max_{place}" for place in range(1, 7))
    owners = ",".join(f"max_{place}_id" for place in range(1, 7))
    roles = ["--count", "contributors", "--largest", largest, "--contributors", owners, "--absolute", "absolute"]
    releases = {
        "records": protect(arguments.sluis, folder, "records", firms, ["--records", "--holding", "holding"]),
        "duckdb-parquet": protect(arguments.sluis, folder, "duckdb-parquet", folder / "duckdb-parquet" / "firms.parquet", roles),
        "duckdb-csv": protect(arguments.sluis, folder, "duckdb-csv", folder / "duckdb-csv" / "firms.csv", roles),
        "datafusion": protect(arguments.sluis, folder, "datafusion", folder / "datafusion" / "firms.parquet", roles),
    }
    expected = releases["records"]
    table = expected["release/tables/firms.csv"].decode().splitlines()
    withheld = sum(line.endswith(",suppressed") for line in table)
    assert withheld > 0, "nothing is withheld, so nothing is compared"
    for name, release in releases.items():
        if release != expected:
            differing = [file for file in expected if release.get(file) != expected[file]]
            sys.exit(f"{name}: the release differs from that of the records in {differing}")
    print(f"four equal releases of {len(expected)} files: {len(table) - 1} cells, {withheld} withheld")


if __name__ == "__main__":
    main()
