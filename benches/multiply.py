"""Registers of several times a country: every unit, person and group again under other identifiers, batch by batch.

    python benches/multiply.py FROM TO --times 16 [--years 2018,2019]

FROM holds Parquet registers of `sluis synth`. The list of participants stays as it is, so the further copies are all controls. What is held
in memory is one batch, whatever the size. Needs pyarrow.
"""

import argparse
import os
import shutil

import pyarrow
import pyarrow.compute
import pyarrow.parquet

IDENTIFIERS = {"rbe_identificatie", "rog_identificatie", "cbspersoonidentificatie", "kvk_crypt"}


def again(batch, copy):
    """The batch with the first sign of every identifier replaced, which keeps their order; as it is for the first copy."""
    if copy == 0:
        return batch
    columns = []
    for name, column in zip(batch.schema.names, batch.columns):
        if name in IDENTIFIERS:
            sign = chr(ord("A") + copy)
            column = pyarrow.compute.binary_replace_slice(column, start=0, stop=1, replacement=sign)
        columns.append(column)
    return pyarrow.RecordBatch.from_arrays(columns, schema=batch.schema)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--times", type=int, required=True)
    parser.add_argument("--years", help="only files of these years")
    arguments = parser.parse_args()
    years = arguments.years.split(",") if arguments.years else None
    os.makedirs(arguments.target)
    for name in sorted(os.listdir(arguments.source)):
        source, target = os.path.join(arguments.source, name), os.path.join(arguments.target, name)
        if not name.endswith(".parquet"):
            shutil.copyfile(source, target)
            continue
        if years and not any(year in name for year in years):
            continue
        with pyarrow.parquet.ParquetFile(source) as file, pyarrow.parquet.ParquetWriter(target, file.schema_arrow) as writer:
            for copy in range(arguments.times):
                for batch in file.iter_batches(batch_size=1 << 19):
                    writer.write_batch(again(batch, copy))
        print(name, flush=True)


if __name__ == "__main__":
    main()
