"""The whole study beside the means alone written by hand, in one run: ratios of wall time, processor time and peak memory.

    benches/national.sh [--units N] [--folder DIR] [--formats parquet,csv] [--rounds N] [--memory SIZE]

Every round runs sluis (linkage, tables, joint protection, audit, release), polars and DuckDB (the means, nothing protected) one after
another on the same registers, and reads and decodes the needed columns alone, which no program can undercut with this decoder. The means
of both peers are compared with the true values in the vault, so that all three are seen to do the same work.
"""

import argparse
import csv
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ENGINES = ["polars", "duckdb"]
NEEDED = {
    "BE_ABR": ["rbe_identificatie", "rbe_sbigecoordineerd", "rbe_gksbsgecoordineerd", "rbe_werkzamepersonen", "rbe_datumontstaan"],
    "BE_OG_ABR": ["rbe_identificatie", "rog_identificatie"],
    "BE_persoon_ABR": ["cbspersoonidentificatie", "rbe_identificatie", "datumbegin", "dateinde"],
    "CBS_persoon_KvK_FIN_ABR": ["kvk_crypt", "cbspersoonidentificatie"],
    "DRT_BEID": ["rbe_identificatie", "kwartaal", "omzet"],
    "Investeringen": None,
    "OG_ABR": ["rog_identificatie", "rog_werkzamepersonen"],
}


def measured(command):
    """Wall and processor seconds, and peak memory in GiB, of one process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status != 0:
        sys.exit(f"{command[0]} ended with {status}")
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 2**20}


def newest(folder, extension):
    """The file of every register and year in its highest version."""
    versions = {}
    for path in glob.glob(os.path.join(folder, f"*V[0-9]*.{extension}")):
        stem, version = os.path.basename(path)[: -len(extension) - 1].rsplit("V", 1)
        versions[stem] = max(versions.get(stem, (0, "")), (int(version), path))
    return {stem: path for stem, (_, path) in versions.items()}


def decode(folder, extension):
    """Reads the needed columns batch by batch and lets them go."""
    import pyarrow.csv
    import pyarrow.parquet

    for stem, path in newest(folder, extension).items():
        columns = NEEDED[stem[:-4]]
        if extension == "parquet":
            file = pyarrow.parquet.ParquetFile(path)
            batches = file.iter_batches(batch_size=1 << 17, columns=columns, use_threads=True)
        else:
            text = {name: pyarrow.string() for name in (columns or ["rbe_identificatie"]) if "identificatie" in name or "crypt" in name}
            text["rbe_sbigecoordineerd"] = text["rbe_gksbsgecoordineerd"] = pyarrow.string()
            convert = pyarrow.csv.ConvertOptions(include_columns=columns, column_types=text)
            batches = pyarrow.csv.open_csv(path, parse_options=pyarrow.csv.ParseOptions(delimiter=";"), convert_options=convert)
        for _ in batches:
            pass


def differences(vault, means):
    """Cells of T8, T9 and T10 whose true mean or number of units is not that of the peer."""
    truth = {}
    with open(os.path.join(vault, "cells.csv"), encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kind = row["indicator"].rsplit(".", 1)[-1]
            arm = "P" if row["arm"] == "participants" else "N"
            key = f"{arm} {row['year']}" + (f" {row['size_class']}" if row["size_class"] else "")
            if row["table"] == "t8":
                truth["t8", key] = row
            elif row["table"] in ("f35-t9", "t10"):
                truth[row["table"][-3:].strip("-"), f"{kind} {key}"] = row
    wrong, compared = [], 0
    for (table, key), row in sorted(truth.items()):
        found = means[table].get(key)
        number = int(row["n"] or 0)
        if found is None:
            wrong += [(table, key)] if number else []
            continue
        compared += 1
        # Values of single units are whole ten-thousandths here and floating there.
        if found[1] != number or (number and abs(found[0] - float(row["value"])) > 1e-3 + 1e-9 * abs(found[0])):
            wrong.append((table, key))
    return compared, wrong


def stages(out, wall):
    """Seconds per stage of a run; the steps of its first stage are added up over threads."""
    with open(os.path.join(out, "vault", "log.json"), encoding="utf-8") as file:
        stages = {stage["stage"]: stage["seconds"] for stage in json.load(file)["stages"]}
    threads = {name: seconds for name, seconds in stages.items() if name.endswith("over threads")}
    passing = {name: seconds for name, seconds in stages.items() if name not in threads}
    return passing | {"write and all else": wall - sum(passing.values())} | threads


def table(extension, runs, size):
    middle = {name: {key: statistics.median(run[key] for run in of) for key in ("wall", "cpu", "peak")} for name, of in runs.items()}
    print(f"\n{extension}: {size / 1e9:.2f} GB on disk; medians")
    for name, row in middle.items():
        ratio = middle["sluis"]["wall"] / row["wall"], middle["sluis"]["cpu"] / row["cpu"]
        print(
            f"  {name:<8} wall {row['wall']:7.1f} s  cpu {row['cpu']:7.1f} s  peak {row['peak']:5.2f} GiB"
            f"   sluis/{name}: wall {ratio[0]:.2f}, cpu {ratio[1]:.2f}, peak {middle['sluis']['peak'] / row['peak']:.2f}"
        )
    return middle


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=1_986_609, help="units of the last year")
    parser.add_argument("--folder", default="target/bench-national")
    parser.add_argument("--formats", default="parquet,csv")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--memory", help="the bound given to sluis")
    parser.add_argument("--sluis", default="target/debug/sluis")
    parser.add_argument("--decode", nargs=2, metavar=("DIR", "FORMAT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.decode:
        return decode(*arguments.decode)
    os.makedirs(arguments.folder, exist_ok=True)
    print(f"load before: {os.getloadavg()}", flush=True)
    for extension in arguments.formats.split(","):
        registers = os.path.join(arguments.folder, extension)
        if not os.path.exists(registers):
            subprocess.run(
                [arguments.sluis, "synth", "--quiet", "--units", str(arguments.units), "--out", registers, "--format", extension],
                check=True,
            )
        out = os.path.join(arguments.folder, "packages")
        bound = ["--memory", arguments.memory] if arguments.memory else []
        runs = {name: [] for name in ["sluis", *ENGINES, "read"]}
        for round in range(arguments.rounds):
            shutil.rmtree(out, ignore_errors=True)
            study = ["run", "pipelines/smart-industry.toml", "--quiet", *bound, "--data", registers, "--out", out]
            runs["sluis"].append(measured([arguments.sluis, *study]))
            for engine in ENGINES:
                means = os.path.join(arguments.folder, f"{engine}.json")
                script = os.path.join(HERE, "peers", "means.py")
                command = [sys.executable, script, registers, "--engine", engine, "--format", extension, "--json", means]
                runs[engine].append(measured(command))
                if round == 0:
                    with open(means, encoding="utf-8") as file:
                        compared, wrong = differences(os.path.join(out, "vault"), json.load(file))
                    print(f"{extension}, {engine}: {compared} means compared with the vault, {len(wrong)} differ {wrong[:3]}", flush=True)
            runs["read"].append(measured([sys.executable, os.path.abspath(__file__), "--decode", registers, extension]))
        size = sum(os.path.getsize(path) for path in newest(registers, extension).values())
        middle = table(extension, runs, size)
        for stage, seconds in stages(out, runs["sluis"][-1]["wall"]).items():
            print(f"    {stage:<26}{seconds:8.2f} s   {seconds / middle['read']['wall']:6.2f} of the read limit")
    print(f"load after: {os.getloadavg()}")


if __name__ == "__main__":
    main()
