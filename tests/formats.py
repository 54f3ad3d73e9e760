#!/usr/bin/env python3
"""Reads every format of a release with software that sluis does not use, and compares each cell with the CSV.

    pip install openpyxl csvw polars duckdb pysdmx[all] pyjstat
    npm install --prefix DIR jsonstat-toolkit          # optional; then --node DIR
    python tests/formats.py RELEASE [--node DIR]

RELEASE is the folder `release` of a run. Exits with 1 at the first format that differs.
"""

import argparse
import csv
import json
import math
import subprocess
import sys
from pathlib import Path

SYMBOLS = {"suppressed": "[c]", "zero": "[w]", "not-delivered": "[x]", "not-applicable": "[z]"}


class Table:
    """A table as its CSV has it: key columns, and rows as dictionaries."""

    def __init__(self, path):
        self.id = path.stem
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            self.rows = list(reader)
            self.columns = reader.fieldnames
        self.keys = self.columns[: self.columns.index("value")]

    def key(self, row):
        return tuple(row[name] for name in self.keys)

    def cells(self, field="value"):
        return {self.key(row): number(row[field]) for row in self.rows}


def number(text):
    return None if text in ("", None) else float(text)


def same(one, other):
    if one is None or other is None:
        return one is None and other is None
    return math.isclose(one, other, rel_tol=0, abs_tol=1e-9)


def compare(what, expected, found):
    assert expected.keys() == found.keys(), f"{what}: other keys"
    for key, value in expected.items():
        assert same(value, found[key]), f"{what} {key}: {value} is read as {found[key]}"
    return len(expected)


def sdmx_code(code):
    return "_T" if code == "" else code.replace("+", "_PLUS").replace(".", "_")


def csvw(release, tables):
    """Datatypes, primary keys and foreign keys of every CSV, by the csvw package."""
    from csvw import TableGroup

    cells = 0
    for table in tables:
        group = TableGroup.from_file(release / "tables" / f"{table.id}.csv-metadata.json")
        group.check_referential_integrity()
        described = next(one for one in group.tables if one.url.string == f"{table.id}.csv")
        rows = list(described.iterdicts(strict=True))
        assert [column.name for column in described.tableSchema.columns] == table.columns
        for column in described.tableSchema.columns:
            titles = dict(column.titles)
            assert titles and all(names[0] == column.name and len(names) == 2 for names in titles.values()), titles
        found = [None if row["value"] is None else float(row["value"]) for row in rows]
        expected = [number(row["value"]) for row in table.rows]
        assert len(found) == len(expected) and all(map(same, expected, found)), table.id
        keys = [tuple(row[name] for name in described.tableSchema.primaryKey) for row in rows]
        assert len(set(keys)) == len(keys), f"{table.id}: a primary key stands twice"
        cells += len(rows)
    return cells


def parquet_polars(release, tables):
    import polars

    cells = 0
    for table in tables:
        path = release / "parquet" / f"{table.id}.parquet"
        frame = polars.read_parquet(path)
        assert frame.columns == table.columns and frame.schema["value"] == polars.Float64
        rows = frame.to_dicts()
        found = {tuple(str(row[name]) for name in table.keys): row["value"] for row in rows}
        cells += compare(table.id, table.cells(), found)
        assert [row["state"] for row in rows] == [row["state"] for row in table.rows]
        metadata = polars.read_parquet_metadata(path)
        assert metadata["table"] == table.id and metadata["profile"] and metadata["program"], metadata
    return cells


def parquet_duckdb(release, tables):
    import duckdb

    cells = 0
    for table in tables:
        path = str(release / "parquet" / f"{table.id}.parquet")
        fields = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in table.keys)
        rows = duckdb.execute(f"SELECT {fields}, value FROM read_parquet(?)", [path]).fetchall()
        cells += compare(table.id, table.cells(), {row[:-1]: row[-1] for row in rows})
        pairs = dict(duckdb.execute("SELECT key, value FROM parquet_kv_metadata(?)", [path]).fetchall())
        assert pairs[b"table"].decode() == table.id
    return cells


def sdmx(release, tables):
    """Observations and structures by pysdmx: every code is in its list, every column in its structure."""
    from pysdmx.io import read_sdmx

    message = read_sdmx(release / "sdmx" / "structure.json")
    structures = {structure.id: structure for structure in message.get_data_structure_definitions()}
    flows = {flow.id for flow in message.get_dataflows()}
    cells = 0
    for table in tables:
        (dataset,) = read_sdmx(release / "sdmx" / f"{table.id}.csv", validate=True).data
        name = dataset.short_urn.split(":")[1].split("(")[0]
        assert name in flows
        components = structures[name].components
        assert sorted(component.id for component in components) == sorted(dataset.data.columns), name
        for component in components:
            if component.local_codes is not None:
                known = {code.id for code in component.local_codes} | {""}
                assert set(dataset.data[component.id]) <= known, f"{name}: a code of {component.id} is in no list"
        names = ["TIME_PERIOD" if key == "year" else key.upper() for key in table.keys]
        rows = dataset.data.to_dict("records")
        found = {tuple(row[key] for key in names): number(row["OBS_VALUE"]) for row in rows}
        expected = {tuple(map(sdmx_code, key)): value for key, value in table.cells().items()}
        cells += compare(name, expected, found)
        assert [row["CELL_STATE"] for row in rows] == [row["state"] for row in table.rows]
        assert {row["CONF_STATUS"] for row in rows if row["CELL_STATE"] == "suppressed"} <= {"C"}
    return cells


def json_stat(release, tables):
    """Values by pyjstat, in the order of the cube."""
    from pyjstat import pyjstat

    cells = 0
    for table in tables:
        cube = pyjstat.Dataset.read((release / "json-stat" / f"{table.id}.json").read_text(encoding="utf-8"))
        rows = cube.write("dataframe", naming="id").to_dict("records")
        found = {}
        for row in rows:
            if row["measure"] == "value":
                value = row["value"]
                found[tuple(row[key] for key in table.keys)] = None if value is None or math.isnan(value) else value
        expected = {tuple("_T" if code == "" else code for code in key): value for key, value in table.cells().items()}
        cells += compare(table.id, expected, found)
    return cells


JSON_STAT_TOOLKIT = """
const JSONstat = require("jsonstat-toolkit");
const fs = require("fs");
const [folder, ids] = [process.argv[1], JSON.parse(process.argv[2])];
const all = ids.map((id) => {
  const cube = JSONstat(JSON.parse(fs.readFileSync(`${folder}/${id}.json`)));
  if (cube.class !== "dataset") throw new Error(id);
  return cube.toTable({ status: true, content: "id", type: "arrobj" });
});
console.log(JSON.stringify(all));
"""


def json_stat_toolkit(release, tables, node):
    """Values and states by the reference implementation of the format."""
    ids = json.dumps([table.id for table in tables])
    command = ["node", "-e", JSON_STAT_TOOLKIT, str((release / "json-stat").resolve()), ids]
    done = subprocess.run(command, cwd=node, check=True, capture_output=True)
    cells = 0
    for table, rows in zip(tables, json.loads(done.stdout)):
        rows = [row for row in rows if row["measure"] == "value"]
        found = {tuple(row[key] for key in table.keys): row["value"] for row in rows}
        expected = {tuple("_T" if code == "" else code for code in key): value for key, value in table.cells().items()}
        cells += compare(table.id, expected, found)
        states = {tuple(row[key] for key in table.keys): row["status"] for row in rows}
        for row in table.rows:
            assert states[tuple("_T" if code == "" else code for code in table.key(row))] == row["state"]
    return cells


def words(code, labels, everything):
    """What a code may be called in a spreadsheet."""
    names = {label for known, label in labels if known == code}
    return {everything if code == "" else code} | names | {f"{code} {name}" for name in names}


def head(header):
    """The class of a column of values, whose header has the unit in brackets."""
    return header.partition(" (")[0] if header.endswith(")") else None


def spreadsheet(release, tables):
    """Every cell of the spreadsheet of each language by openpyxl; conventions of the sheets on the way."""
    books = {
        "label": (["Cover", "Contents", "Notes"], "All", {"above": "above", "below": "below", "equal": "equal"}),
        "label_nl": (["Voorblad", "Inhoud", "Toelichting"], "Alle", {"above": "hoger", "below": "lager", "equal": "gelijk"}),
    }
    paths = sorted(release.glob("*.xlsx"), key=lambda path: path.name.endswith(".nl.xlsx"))
    assert 1 <= len(paths) <= 2, paths
    return sum(workbook(release, tables, path, label, *books[label]) for path, label in zip(paths, books))


def workbook(release, tables, path, label, first_sheets, everything, marks):
    import openpyxl

    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == first_sheets and len(set(book.sheetnames)) == len(book.sheetnames)
    assert book.properties.title and book.properties.creator
    labels = [
        (row["code"], row[label])
        for file in sorted((release / "tables" / "codes").glob("*.csv"))
        for row in csv.DictReader(file.open(newline="", encoding="utf-8"))
    ]
    names = [name for sheet in book.worksheets for name in sheet.tables]
    assert len(set(names)) == len(names)
    cells = 0
    for table in tables:
        sheet = book[table.id]
        assert not sheet.merged_cells.ranges and sheet.sheet_state == "visible" and len(table.id) <= 31
        (marked,) = sheet.tables.values()
        rows = [list(row) for row in sheet[marked.ref]]
        header, rows = [cell.value for cell in rows[0]], rows[1:]
        assert all(cell.value not in (None, "") for row in rows for cell in row), f"{table.id}: a cell is empty"
        first = next(at for at, name in enumerate(header) if head(name))
        for row in table.rows:
            key = [words(code, labels, everything) for code in table.key(row)]
            across = [at for at, name in enumerate(header) if any(head(name) in part for part in key)]
            (line,) = [line for line in rows if all(any(str(cell.value) in part for part in key) for cell in line[:first])]
            cell = line[across[0] if across else first]
            if row["value"] == "":
                assert cell.value == SYMBOLS[row["state"]], f"{table.id} {key}: {cell.value}"
            else:
                assert cell.data_type == "n" and same(cell.value, float(row["value"])), f"{table.id} {key}: {cell.value}"
                decimals = len(row["value"].partition(".")[2])
                assert cell.number_format == "#,##0" + ("." + "0" * decimals if decimals else ""), cell.number_format
            mark = row.get("mark")
            if mark:
                assert line[-1].value.endswith(marks[mark]), f"{table.id} {key}"
            cells += 1
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", type=Path)
    parser.add_argument("--node", type=Path, help="folder with node_modules/jsonstat-toolkit")
    arguments = parser.parse_args()
    tables = [Table(path) for path in sorted((arguments.release / "tables").glob("*.csv"))]
    assert tables, "no tables"
    checks = [csvw, parquet_polars, parquet_duckdb, sdmx, json_stat, spreadsheet]
    for check in checks:
        print(f"{check.__name__:<18}{len(tables)} tables, {check(arguments.release, tables)} cells agree", flush=True)
    if arguments.node:
        cells = json_stat_toolkit(arguments.release, tables, arguments.node)
        print(f"json_stat_toolkit {len(tables)} tables, {cells} cells agree")


if __name__ == "__main__":
    sys.exit(main())
