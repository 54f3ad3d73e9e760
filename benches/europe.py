"""The whole study on registers of several times the country within a bound of memory: does the time per row grow, and is the bound kept?

    benches/europe.sh [--times 1,4,16] [--memory 8GiB] [--national DIR] [--folder DIR] [--units N] [--keep]

The registers of the country are made by `sluis synth` unless --national names them; benches/multiply.py makes the larger ones, piece by
piece. The same pipeline runs on each. Registers that were made larger are removed after their run unless --keep is given.
"""

import argparse
import os
import shutil
import subprocess
import sys

import pyarrow.parquet

from national import HERE, measured, newest, stages

PIPELINE = "pipelines/smart-industry.toml"
# The steps that go over rows; what comes after works on the atoms of the tables.
OVER_ROWS = "read"


def rows(folder):
    """Rows of all registers of a folder, those of the highest version."""
    return sum(pyarrow.parquet.ParquetFile(path).metadata.num_rows for path in newest(folder, "parquet").values())


def registers(arguments, times):
    """The folder with the registers of so many countries, made if it is not there."""
    national = arguments.national or os.path.join(arguments.folder, "national")
    if not os.path.exists(national):
        synth = [arguments.sluis, "synth", "--quiet", "--units", str(arguments.units), "--format", "parquet"]
        subprocess.run([*synth, "--out", national], check=True)
    if times == 1:
        return national
    larger = os.path.join(arguments.folder, f"times-{times}")
    if not os.path.exists(larger):
        # A folder stands whole or not at all.
        making = larger + ".making"
        shutil.rmtree(making, ignore_errors=True)
        multiply = os.path.join(HERE, "multiply.py")
        subprocess.run([sys.executable, multiply, national, making, "--times", str(times)], check=True, stdout=subprocess.DEVNULL)
        os.rename(making, larger)
    return larger


def run(arguments, times):
    """One run; what it took, by stage too, and how many million rows it read."""
    data, out = registers(arguments, times), os.path.join(arguments.folder, "packages")
    shutil.rmtree(out, ignore_errors=True)
    study = ["run", PIPELINE, "--quiet", "--memory", arguments.memory, "--data", data, "--out", out]
    took = measured([arguments.sluis, *study])
    took["millions"] = rows(data) / 1e6
    took["gigabytes"] = sum(os.path.getsize(path) for path in newest(data, "parquet").values()) / 1e9
    took["stages"] = stages(out, took["wall"])
    shutil.rmtree(out)
    if times > 1 and not arguments.keep:
        shutil.rmtree(data)
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", default="1,4,16")
    parser.add_argument("--memory", default="8GiB", help="the bound given to sluis")
    parser.add_argument("--national", help="Parquet registers of one country")
    parser.add_argument("--units", type=int, default=1_986_609, help="units of the last year of one country")
    parser.add_argument("--folder", default="target/bench-europe")
    parser.add_argument("--sluis", default="target/debug/sluis")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    first = None
    for times in map(int, arguments.times.split(",")):
        print(f"load: {os.getloadavg()[0]:.1f}", flush=True)
        took = run(arguments, times)
        millions = took["millions"]
        per_row = {"wall": took["wall"] / millions, "cpu": took["cpu"] / millions, "read": took["stages"][OVER_ROWS] / millions}
        first = first or per_row
        print(f"{times} times: {millions:.1f} million rows, {took['gigabytes']:.2f} GB on disk, --memory {arguments.memory}")
        print(f"  wall {took['wall']:.1f} s  cpu {took['cpu']:.1f} s  peak {took['peak']:.2f} GiB")
        ratios = ", ".join(f"{name} {value:.3f} s ({value / first[name]:.2f})" for name, value in per_row.items())
        print(f"  per million rows, and times the first: {ratios}")
        for stage, seconds in took["stages"].items():
            print(f"    {stage:<26}{seconds:8.2f} s")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
