"""The aggregates of the reference study, written by hand the way a skilled user would: no protection, no audit.

    python3 benches/peers/means.py DIR --engine polars|duckdb --format parquet|csv [--json FILE]

Reads registers in the reference layout and prints the linkage result (T6, T7), T8, T9, T10, the published scalars, and the
means by arm, size class and year. The last line holds wall time and peak memory. Needs `pip install polars duckdb pyarrow`.
"""

import argparse
import glob
import json
import math
import os
import re
import resource
import statistics
import time

YEARS = range(2014, 2020)
SURVEY = range(2014, 2019)
TYPES = {
    "computers": ["comp_nieuw", "comp_tweedehands", "comp_eigen"],
    "communication": ["comm_nieuw", "comm_tweedehands", "comm_eigen"],
    "machines": ["mach_nieuw", "mach_tweedehands", "mach_eigen"],
    "software": ["soft_standaard", "soft_maatwerk", "soft_eigen"],
}
FIVE = ["0-1", "2-9", "10-49", "50-249", "250+"]
FOUR = ["0-9", "10-49", "50-249", "250+"]
OPEN_SECTIONS = [
    (3, "A"), (9, "B"), (33, "C"), (35, "D"), (39, "E"), (43, "F"), (47, "G"), (53, "H"), (56, "I"), (63, "J"), (66, "K"),
    (68, "L"), (75, "M"), (82, "N"), (84, "O"), (85, "P"), (88, "Q"), (93, "R"), (96, "S"), (98, "T"), (99, "U"),
]  # fmt: skip
OUTLIER_ABOVE = 8.0


def newest(folder, stem, extension):
    """The file of the highest delivery version."""
    found = glob.glob(os.path.join(folder, f"{stem}V*.{extension}"))
    return max(found, key=lambda path: int(re.search(r"V(\d+)\.", path).group(1)))


# --- polars ------------------------------------------------------------------------------------------------------------


class Polars:
    def __init__(self, folder, extension):
        import polars

        self.pl, self.folder, self.extension = polars, folder, extension

    def scan(self, stem):
        pl, path = self.pl, newest(self.folder, stem, self.extension)
        if self.extension == "parquet":
            return pl.scan_parquet(path)
        text = ["rbe_identificatie", "rbe_sbigecoordineerd", "rbe_gksbsgecoordineerd", "rog_identificatie", "kvk_crypt"]
        text.append("cbspersoonidentificatie")
        header = open(path, encoding="utf-8").readline().strip().split(";")
        dates = {"datumbegin", "dateinde", "rbe_datumontstaan"}
        other = {"ophoogfactor": pl.Float64} | {name: pl.String for name in text} | {name: pl.Date for name in dates}
        types = {name: other.get(name, pl.Int64) for name in header}
        return pl.scan_csv(path, separator=";", schema_overrides=types)

    def listed(self):
        pl = self.pl
        return pl.scan_csv(os.path.join(self.folder, "deelnemers.csv"), separator=";", schema_overrides={"kvk_crypt": pl.String})

    def attrition(self):
        pl = self.pl
        listed = self.listed().select("kvk_crypt").collect()
        unique = listed.unique()
        known = pl.concat([self.scan(f"CBS_persoon_KvK_FIN_ABR{y}").select("kvk_crypt") for y in YEARS])
        known = known.join(unique.lazy(), on="kvk_crypt", how="semi").unique().collect(engine="streaming")
        return listed.height, unique.height, unique.height - known.height

    def year(self, y):
        """Units of a year with arm, group and amounts, no more columns than are needed."""
        pl = self.pl
        unit, person = "rbe_identificatie", "cbspersoonidentificatie"
        persons = pl.col("rbe_werkzamepersonen")
        division = pl.col("rbe_sbigecoordineerd").str.slice(0, 2).cast(pl.Int32)
        section = pl.lit(None, dtype=pl.String)
        for last, letter in reversed(OPEN_SECTIONS):
            section = pl.when(division <= last).then(pl.lit(letter)).otherwise(section)
        units = self.scan(f"BE_ABR{y}").select(
            unit, persons.alias("persons"), section.alias("section"), pl.col("rbe_datumontstaan").dt.year().alias("founded")
        ).unique(subset=[unit], keep="any")
        kvk = self.scan(f"CBS_persoon_KvK_FIN_ABR{y}").join(self.listed().select("kvk_crypt").unique(), on="kvk_crypt", how="semi")
        january, december = pl.date(y, 1, 1), pl.date(y, 12, 31)
        begin, end = pl.max_horizontal("datumbegin", january), pl.min_horizontal("dateinde", december)
        linked = (
            self.scan(f"BE_persoon_ABR{y}")
            .join(kvk.select(person).unique(), on=person, how="semi")
            .with_columns((end - begin).dt.total_days().alias("days"))
            .filter(pl.col("days") >= 0)
            .join(units.select(unit, "persons"), on=unit)
            .sort(["days", "persons", unit], descending=[True, True, False])
            .unique(subset=[person], keep="first", maintain_order=True)
            .select(unit)
            .unique()
            .with_columns(pl.lit(True).alias("treated"))
        )
        turnover = (
            self.scan(f"DRT_BEID{y}")
            .group_by(unit)
            .agg(pl.col("omzet").sum().alias("turnover"), pl.col("omzet").count().alias("quarters"))
            .filter(pl.col("quarters") == 4)
            .select(unit, "turnover")
        )
        frame = units.join(linked, on=unit, how="left").join(turnover, on=unit, how="left")
        groups = self.scan(f"BE_OG_ABR{y}").join(self.scan(f"OG_ABR{y}"), on="rog_identificatie")
        frame = frame.join(groups.select(unit, "rog_identificatie", "rog_werkzamepersonen"), on=unit, how="left")
        if y in SURVEY:
            amounts = [pl.sum_horizontal(columns).alias(name) for name, columns in TYPES.items()]
            frame = frame.join(self.scan(f"Investeringen{y}").select(unit, *amounts), on=unit, how="left")
        else:
            frame = frame.with_columns(*[pl.lit(None, dtype=pl.Int64).alias(name) for name in TYPES])
        frame = frame.with_columns(pl.lit(y).alias("year"), pl.col("treated").fill_null(False))
        positive = pl.col("persons") > 0
        frame = frame.with_columns(
            *[pl.when(positive).then(pl.col(name) / pl.col("persons")).alias(f"{name}_pp") for name in ["turnover", *TYPES]],
            self.classes("persons", "five"),
            self.classes("rog_werkzamepersonen", "group_five"),
        )
        return frame.collect(engine="streaming")

    def classes(self, column, name):
        pl = self.pl
        value = pl.when(pl.col(column).is_null()).then(None)
        for at, bound in enumerate([2, 10, 50, 250]):
            value = value.when(pl.col(column) < bound).then(at)
        return value.otherwise(4).cast(pl.Int8).alias(name)

    def treated(self, frame):
        return frame.filter("treated").to_dicts()

    def means(self, frame, by, values):
        """Mean and number of the values by arm and further keys."""
        pl = self.pl
        aggregates = [f(name).alias(f"{kind}:{name}") for name in values for f, kind in ((pl.mean, "mean"), (pl.count, "n"))]
        return frame.group_by(["treated", *by]).agg(aggregates).to_dicts()

    def filter(self, frame, industry=False, without=(), blank=()):
        pl = self.pl
        if industry:
            frame = frame.filter(pl.col("section") == "C")
        if without:
            out = pl.col("rbe_identificatie").is_in(list(without))
            frame = frame.with_columns(*[pl.when(~out).then(pl.col(name)).alias(name) for name in blank])
        return frame

    def four(self, frame):
        return frame.with_columns((self.pl.max_horizontal(self.pl.col("five"), 1) - 1).alias("four"))

    def shares(self, frame):
        pl = self.pl
        out = {}
        for arm in (True, False):
            part = frame.filter(pl.col("treated") == arm)
            old = part.select((2019 - pl.col("founded") >= 6).mean()).item()
            large = part.filter(pl.col("five") == 4).select(pl.mean("persons")).item()
            count = dict(part.group_by("section").len().iter_rows())
            ages = dict(part.group_by("section").agg((2019 - pl.col("founded")).mean()).iter_rows())
            out[arm] = {"n": part.height, "old": old, "large": large, "sections": count, "ages": ages}
        return out


# --- duckdb ------------------------------------------------------------------------------------------------------------


class Duckdb:
    def __init__(self, folder, extension):
        import duckdb

        self.folder, self.extension = folder, extension
        self.db = duckdb.connect()
        self.db.execute("set preserve_insertion_order = false")
        self.db.execute(f"create view listed as select * from read_csv('{folder}/deelnemers.csv', delim=';', all_varchar=true)")

    def scan(self, stem):
        path = newest(self.folder, stem, self.extension)
        if self.extension == "parquet":
            return f"read_parquet('{path}')"
        text = ["rbe_identificatie", "rbe_sbigecoordineerd", "rbe_gksbsgecoordineerd", "rog_identificatie", "kvk_crypt"]
        text.append("cbspersoonidentificatie")
        header = open(path, encoding="utf-8").readline().strip().split(";")
        types = ", ".join(f"'{name}': 'VARCHAR'" for name in header if name in text)
        return f"read_csv('{path}', delim=';', header=true, types={{{types}}})"

    def attrition(self):
        known = " union all ".join(f"select kvk_crypt from {self.scan(f'CBS_persoon_KvK_FIN_ABR{y}')}" for y in YEARS)
        query = f"""select (select count(*) from listed), (select count(distinct kvk_crypt) from listed),
            (select count(distinct kvk_crypt) from listed where kvk_crypt not in (select kvk_crypt from ({known})))"""
        return self.db.execute(query).fetchone()

    def year(self, y):
        section = "case " + " ".join(f"when d <= {last} then '{letter}'" for last, letter in OPEN_SECTIONS) + " end"
        size = "case when {0} is null then null when {0} < 2 then 0 when {0} < 10 then 1 when {0} < 50 then 2 when {0} < 250 then 3 else 4 end"
        survey = ""
        amounts = ", ".join(f"null::bigint as {name}" for name in TYPES)
        if y in SURVEY:
            sums = ", ".join(f"{'+'.join(columns)} as {name}" for name, columns in TYPES.items())
            survey = f"left join (select rbe_identificatie, {sums} from {self.scan(f'Investeringen{y}')}) s using (rbe_identificatie)"
            amounts = ", ".join(TYPES)
        ratios = ", ".join(f"case when persons > 0 then {name} / persons end as {name}_pp" for name in ["turnover", *TYPES])
        self.db.execute(f"""create table y{y} as
            with units as (select rbe_identificatie, any_value(rbe_werkzamepersonen) as persons,
                    any_value(cast(rbe_sbigecoordineerd[1:2] as int)) as d, any_value(year(rbe_datumontstaan)) as founded
                from {self.scan(f'BE_ABR{y}')} group by 1),
            people as (select distinct cbspersoonidentificatie from {self.scan(f'CBS_persoon_KvK_FIN_ABR{y}')}
                where kvk_crypt in (select kvk_crypt from listed)),
            combinations as (select p.cbspersoonidentificatie as person, rbe_identificatie, persons,
                    least(dateinde, date '{y}-12-31') - greatest(datumbegin, date '{y}-01-01') as days
                from {self.scan(f'BE_persoon_ABR{y}')} p semi join people using (cbspersoonidentificatie)
                join units using (rbe_identificatie)),
            linked as (select distinct rbe_identificatie from (select *, row_number() over
                (partition by person order by days desc, persons desc, rbe_identificatie) as rank
                from combinations where days >= 0) where rank = 1),
            drt as (select rbe_identificatie, sum(omzet)::bigint as turnover from {self.scan(f'DRT_BEID{y}')}
                group by 1 having count(omzet) = 4),
            og as (select rbe_identificatie, rog_identificatie, rog_werkzamepersonen from {self.scan(f'BE_OG_ABR{y}')} b
                join {self.scan(f'OG_ABR{y}')} g using (rog_identificatie))
            select *, {ratios}, {size.format('persons')} as five, {size.format('rog_werkzamepersonen')} as group_five from (
                select {y} as year, rbe_identificatie, persons, {section} as section, founded, l.rbe_identificatie is not null as treated,
                    turnover, rog_identificatie, rog_werkzamepersonen, {amounts}
                from units left join linked l using (rbe_identificatie) left join drt using (rbe_identificatie)
                left join og using (rbe_identificatie) {survey})""")
        return f"(select * from y{y})"

    def dicts(self, query):
        cursor = self.db.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]

    def treated(self, frame):
        return self.dicts(f"select * from {frame} where treated")

    def means(self, frame, by, values):
        keys = ", ".join(["treated", *by])
        columns = ", ".join(f'avg({name}) as "mean:{name}", count({name}) as "n:{name}"' for name in values)
        return self.dicts(f"select {keys}, {columns} from {frame} group by {keys}")

    def filter(self, frame, industry=False, without=(), blank=()):
        if without:
            ids = ", ".join(f"'{unit}'" for unit in without)
            changed = ", ".join(f"case when rbe_identificatie not in ({ids}) then {name} end as {name}" for name in blank)
            frame = f"(select * replace ({changed}) from {frame})"
        return f"(select * from {frame} where section = 'C')" if industry else frame

    def four(self, frame):
        return f"(select *, greatest(five, 1) - 1 as four from {frame})"

    def shares(self, frame):
        out = {}
        for arm in (True, False):
            part = f"{frame} where treated = {arm}"
            n, old, large = self.db.execute(
                f"select count(*), avg((2019 - founded >= 6)::int), avg(persons) filter (five = 4) from {part}"
            ).fetchone()
            rows = self.db.execute(f"select section, count(*), avg(2019 - founded) from {part} group by 1").fetchall()
            sections, ages = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
            out[arm] = {"n": n, "old": old, "large": large, "sections": sections, "ages": ages}
        return out


# --- what both share ---------------------------------------------------------------------------------------------------


def outliers(rows, columns):
    """Units with an extreme value in one of the columns in a year in which their group falls in a higher size class."""
    found, near = set(), 0.0
    for column in columns:
        logs = {row["rbe_identificatie"]: math.log(row[column]) for row in rows if row[column] is not None and row[column] > 0}
        if not logs:
            continue
        middle = statistics.median(logs.values())
        scale = 1.4826 * statistics.median(abs(value - middle) for value in logs.values())
        for row in rows:
            higher = row["group_five"] is not None and row["group_five"] > row["five"]
            if not higher or row["rbe_identificatie"] not in logs:
                continue
            score = (logs[row["rbe_identificatie"]] - middle) / scale
            if score > OUTLIER_ABOVE:
                found.add(row["rbe_identificatie"])
            else:
                near = max(near, score)
    return found, near


def shown(value):
    return "-" if value is None else f"{value:.0f}"


def arm(row):
    return "P" if row["treated"] else "N"


def run(engine, result):
    """Everything in one pass over the years, then the tables."""
    result["attrition"] = dict(zip(["listings", "unique", "without_person"], engine.attrition()))
    frames, treated = {}, {}
    for y in YEARS:
        frames[y] = engine.year(y)
        treated[y] = engine.treated(frames[y])
    result["t6"] = {y: len(treated[y]) for y in YEARS}
    result["t7"] = {y: level_of_analysis(treated[y]) for y in YEARS}
    turnover, investment = ["turnover", "turnover_pp"], [f"{name}_pp" for name in TYPES]
    out_turnover, out_investment, near = set(), set(), 0.0
    for y in YEARS:
        found, close = outliers(treated[y], turnover)
        out_turnover |= found
        more, closer = outliers(treated[y], investment)
        out_investment |= more
        near = max(near, close, closer)
    result["outliers"] = {"turnover": len(out_turnover), "investments": len(out_investment), "nearest_other": round(near, 2)}
    clean = {}
    for y in YEARS:
        frame = engine.filter(frames[y], without=out_turnover, blank=turnover)
        clean[y] = engine.four(engine.filter(frame, without=out_investment, blank=investment))
    tables(engine, clean, result, turnover, investment)
    return clean


def level_of_analysis(rows):
    more = sum(1 for row in rows if row["rog_werkzamepersonen"] is not None and row["rog_werkzamepersonen"] > row["persons"])
    higher = sum(1 for row in rows if row["group_five"] is not None and row["group_five"] > row["five"])
    return [100 * more / len(rows), 100 * higher / len(rows)]


def tables(engine, clean, result, turnover, investment):
    result["t8"], result["t9"], result["t10"], result["f"] = {}, {}, {}, {}
    for y in YEARS:
        industry = engine.filter(clean[y], industry=True)
        values = turnover + (investment if y in SURVEY else [])
        for row in engine.means(industry, ["four"], values):
            if y in (2014, 2019):
                result["t8"][f"{arm(row)} {y} {FOUR[row['four']]}"] = (row["mean:turnover_pp"], row["n:turnover_pp"])
            if y in (2014, 2018):
                for name in TYPES:
                    key = f"{name} {arm(row)} {y} {FOUR[row['four']]}"
                    result["t10"][key] = (row[f"mean:{name}_pp"], row[f"n:{name}_pp"])
        if y in SURVEY:
            for row in engine.means(clean[y], [], investment):
                for name in TYPES:
                    result["t9"][f"{name} {arm(row)} {y}"] = (row[f"mean:{name}_pp"], row[f"n:{name}_pp"])
        for row in engine.means(clean[y], ["five"], values):
            for name in values:
                result["f"][f"{name} {arm(row)} {y} {FIVE[row['five']]}"] = (row[f"mean:{name}"], row[f"n:{name}"])
    result["turnover_2019"] = {arm(row): row["mean:turnover"] for row in engine.means(clean[2019], [], ["turnover"])}
    result["medium"] = {
        f"{arm(row)} {y}": row["mean:turnover_pp"]
        for y in (2014, 2019)
        for row in engine.means(clean[y], ["five"], ["turnover_pp"])
        if row["five"] == 3
    }
    result["shares"] = {("P" if key else "N"): value for key, value in engine.shares(clean[2019]).items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--engine", choices=["polars", "duckdb"], default="polars")
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    parser.add_argument("--json", help="write every figure here as well")
    arguments = parser.parse_args()
    start = time.perf_counter()
    engine = (Polars if arguments.engine == "polars" else Duckdb)(arguments.folder, arguments.format)
    result = {}
    run(engine, result)
    seconds = time.perf_counter() - start
    for table, values in result.items():
        print(f"== {table}")
        for key in sorted(values, key=str):
            value = values[key]
            print(f"{key}: {shown(value[0])} (n {value[1]})" if isinstance(value, tuple) else f"{key}: {value}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1, default=str)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{arguments.engine} {arguments.format}: {seconds:.2f} s, peak {peak:.2f} GiB")


if __name__ == "__main__":
    main()
