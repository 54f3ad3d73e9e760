//! Tables that other programs have protected, as their files tell them: cells, unsafe cells and patterns of the peers, and proven optima.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sluis::cells::argus::batch::Job;
use sluis::cells::argus::{self, Variable};
use sluis::cells::hierarchy::Hierarchy;
use sluis::cells::link::{Linked, Part, link};
use sluis::cells::read::{self, Mark, Wish};
use sluis::cells::records::tabulate;
use sluis::cells::rulings::{self, Basis, Rounding, Ruling};
use sluis::cells::system::{Cost, judge, singleton_pairs};
use sluis::cells::table::{CellTable, Dimension};
use sluis::disclosure::problem::Problem;
use sluis::disclosure::profile::Profile;
use sluis::disclosure::rules::Level;
use sluis::disclosure::suppress::search::Method;

/// Ten-thousandths in a unit of a measure.
pub const SCALE: f64 = 10_000.0;

/// A table that others have protected, and what is known of it.
pub struct Instance {
    pub name: &'static str,
    pub read: fn(&Path) -> Loaded,
    /// Unsafe cells of the peers; `None` where they do not say.
    pub is_unsafe: Option<usize>,
    pub costs: &'static [Cost],
    pub methods: &'static [Method],
    pub peer: &'static str,
    pub optima: &'static [Optimum],
}

/// The proven least that is withheld beside the unsafe cells.
pub struct Optimum {
    pub cost: Cost,
    pub against: Against,
    pub cells: usize,
    pub value: Option<f64>,
}

/// Against whom a pattern has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    Outsiders,
    /// And a sum of two unsafe cells of a row must not follow where one of them has a single contributor, as the peers protect them.
    Pairs,
    Contributors,
}

pub const AGAINST: [Against; 3] = [Against::Outsiders, Against::Pairs, Against::Contributors];

/// An instance as it was read.
pub struct Loaded {
    pub linked: Linked,
    pub rulings: Vec<Ruling>,
    /// What the peer says of each cell: unsafe or not; `None` where it does not judge.
    pub theirs: Option<Vec<Option<bool>>>,
    /// The patterns of peers, one entry per cell.
    pub patterns: Vec<(&'static str, Vec<bool>)>,
    /// What a file says of the peers' results.
    pub said: Option<String>,
}

pub const BOTH: &[Method] = &[Method::Exact, Method::Fast];

pub const INSTANCES: &[Instance] = &[
    Instance {
        name: "simple2d",
        read: |folder| micro(&SIMPLE, folder, false),
        is_unsafe: Some(9),
        costs: &[Cost::Value, Cost::Cells],
        methods: BOTH,
        peer: "τ-ARGUS Modular, pairs: 12, 2,524,351",
        optima: &[
            Optimum { cost: Cost::Value, against: Against::Outsiders, cells: 6, value: Some(521_926.0) },
            Optimum { cost: Cost::Value, against: Against::Pairs, cells: 12, value: Some(1_092_477.0) },
            Optimum { cost: Cost::Cells, against: Against::Pairs, cells: 8, value: None },
        ],
    },
    Instance {
        name: "enterprise",
        read: |folder| micro(&ENTERPRISE, folder, false),
        is_unsafe: Some(283),
        costs: &[Cost::Value, Cost::Cells],
        methods: BOTH,
        peer: "τ-ARGUS Hypercube: 133, 1,376,577",
        optima: &[
            Optimum { cost: Cost::Value, against: Against::Outsiders, cells: 55, value: Some(318_552.0) },
            Optimum { cost: Cost::Value, against: Against::Pairs, cells: 78, value: Some(412_135.0) },
            Optimum { cost: Cost::Cells, against: Against::Pairs, cells: 71, value: None },
        ],
    },
    Instance {
        name: "enterprise, missing judged",
        read: |folder| micro(&ENTERPRISE, folder, true),
        is_unsafe: Some(290),
        costs: &[Cost::Value],
        methods: BOTH,
        peer: "GaussSuppression numttT: 80, 410,733 (exact disclosure only); with intervals 83, 425,757",
        optima: &[Optimum { cost: Cost::Value, against: Against::Pairs, cells: 77, value: Some(411_953.0) }],
    },
    Instance {
        name: "insee",
        read: insee,
        is_unsafe: Some(77),
        costs: &[Cost::Value, Cost::Cells],
        methods: BOTH,
        peer: "τ-ARGUS OPT: 64",
        optima: &[
            Optimum { cost: Cost::Value, against: Against::Outsiders, cells: 64, value: Some(49_223_640.1) },
            Optimum { cost: Cost::Cells, against: Against::Outsiders, cells: 60, value: None },
        ],
    },
    Instance {
        name: "microdata1",
        read: microdata1,
        is_unsafe: Some(1),
        costs: &[Cost::Value],
        methods: BOTH,
        peer: "sdcTable OPT, HITAS, HYPERCUBE: 3",
        optima: &[Optimum { cost: Cost::Value, against: Against::Outsiders, cells: 3, value: None }],
    },
    Instance {
        name: "batch ex1",
        read: |folder| job(folder, "argus/batch/ex1/batch_ex1.arb"),
        is_unsafe: Some(1),
        costs: &[Cost::Value],
        methods: BOTH,
        peer: "τ-ARGUS OPT: 3",
        optima: &[],
    },
    Instance {
        name: "batch ex2",
        read: |folder| job(folder, "argus/batch/ex2/batch_ex2.arb"),
        is_unsafe: Some(1),
        costs: &[Cost::Value],
        methods: BOTH,
        peer: "τ-ARGUS OPT: 3",
        optima: &[],
    },
    Instance {
        name: "pp.tab",
        read: levels_of_file,
        is_unsafe: Some(9),
        costs: &[Cost::Value],
        methods: BOTH,
        peer: "levels only",
        optima: &[],
    },
    Instance {
        name: "z3",
        read: z3,
        is_unsafe: Some(333),
        costs: &[Cost::Value, Cost::Cells],
        methods: BOTH,
        peer: "",
        optima: &[],
    },
    Instance {
        name: "sosialFiktiv",
        read: sosial_fiktiv,
        is_unsafe: None,
        costs: &[Cost::Value],
        methods: &[Method::Fast],
        peer: "GaussSuppression: 3,594 withheld in all, 22 s; SIMPLEHEURISTIC 255 to 416 s",
        optima: &[],
    },
];

/// Records of fixed width with a description of τ-ARGUS, and the cells that it wrote.
pub struct Micro {
    folder: &'static str,
    description: &'static str,
    records: &'static str,
    peer: &'static str,
    spanning: [&'static str; 2],
    measure: &'static str,
    p: u32,
    /// A code that stands for a missing one, whose cells the peer does not judge.
    not_judged: Option<&'static str>,
}

pub const SIMPLE: Micro = Micro {
    folder: "argus/simple2d",
    description: "Tau_TestW.rda",
    records: "tau_testW.asc",
    peer: "Simple2D.txt",
    spanning: ["Size", "Region"],
    measure: "Var2",
    p: 15,
    not_judged: None,
};

pub const ENTERPRISE: Micro = Micro {
    folder: "argus/enterprise",
    description: "example_enterprise.rda",
    records: "example_enterprise.asc",
    peer: "test_1.txt",
    spanning: ["act", "product"],
    measure: "turnover",
    p: 10,
    not_judged: Some("00"),
};

/// The folder with the instances, beside the repository; `None` where there is none, and then it is said.
pub fn instances() -> Option<PathBuf> {
    let found =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/data/sdc")).find(|at| at.is_dir());
    if found.is_none() {
        eprintln!("the instances are not here, nothing was compared");
    }
    found
}

pub fn instance(name: &str) -> &'static Instance {
    INSTANCES.iter().find(|instance| instance.name == name).expect("the instance is in the list")
}

pub fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("the file of the instance can be read")
}

pub fn profile(rules: &str) -> Profile {
    Profile::parse(&format!("name='x'\nversion='1'\ntitle='x'\nsource='the instance'\nzero='safe'\n{rules}")).expect("a profile")
}

pub fn linked(path: &Path, wish: &Wish) -> Linked {
    let read = read::read(path, wish)
        .unwrap_or_else(|wrong| panic!("{}: {:?}", path.display(), wrong.0.iter().map(ToString::to_string).collect::<Vec<_>>()));
    link(vec![Part { read, known: false, rounded_to: None }]).expect("one table")
}

pub fn loaded(mut linked: Linked, basis: &Basis) -> Loaded {
    let rulings = rulings::rulings(&mut linked, basis).expect("rulings");
    Loaded { linked, rulings, theirs: None, patterns: Vec::new(), said: None }
}

pub fn table(micro: &Micro, folder: &Path) -> CellTable {
    let variables = argus::variables(&text(&folder.join(micro.description))).expect("a description");
    let records =
        argus::records(&text(&folder.join(micro.records)), &variables, &micro.spanning, micro.measure).expect("records");
    let dimension = |(at, name): (usize, &&str)| {
        let variable: &Variable = variables.iter().find(|one| one.name == **name).expect("the variable");
        let mut hierarchy = match &variable.hierarchy_file {
            Some(file) => Hierarchy::indented(&text(&folder.join(file)), &variable.lead).expect("a hierarchy"),
            None => Hierarchy::default(),
        };
        hierarchy.complete(records.iter().map(|record| record.codes[at].as_str()));
        Dimension::nested(name, &hierarchy)
    };
    let dimensions: Vec<Dimension> = micro.spanning.iter().enumerate().map(dimension).collect();
    tabulate(micro.measure, dimensions, &records).expect("a table")
}

/// The peer's cells that are not empty: status, and value with two decimals.
pub fn written(micro: &Micro, folder: &Path) -> BTreeMap<[String; 2], (u8, String)> {
    let code = |field: &str| {
        let code = field.trim_matches('"').trim();
        if code == "Total" { String::new() } else { code.to_owned() }
    };
    let cell = |line: &str| {
        let fields: Vec<&str> = line.trim().split(',').collect();
        assert_eq!(fields.len(), 4, "codes, value and status");
        ([code(fields[0]), code(fields[1])], (fields[3].parse().expect("a status"), fields[2].to_owned()))
    };
    text(&folder.join(micro.peer)).lines().map(cell).filter(|(_, (status, _))| *status != 14).collect()
}

/// Cells made of records, beside those that the peer wrote: they have the same values.
pub fn micro(micro: &Micro, folder: &Path, missing_judged: bool) -> Loaded {
    let folder = folder.join(micro.folder);
    let (table, written) = (table(micro, &folder), written(micro, &folder));
    assert_eq!(table.cells.len(), written.len(), "the same cells are not empty");
    let mut verdicts = judge(&table, &profile(&format!("[p_percent]\np={}\n", micro.p)));
    let (mut theirs, mut withheld) = (Vec::new(), Vec::new());
    for (cell, verdict) in table.cells.iter().zip(&mut verdicts) {
        let key = [0, 1].map(|at| table.dimensions[at].codes[cell.codes[at] as usize].clone());
        let (status, value) = &written[&key];
        assert_eq!(&sluis::amount::decimal(cell.stats.total, 2), value, "{key:?}");
        let is_missing = micro.not_judged.is_some_and(|code| key.iter().any(|own| own == code));
        theirs.push((!is_missing || !missing_judged).then_some(*status == 3));
        withheld.push(matches!(*status, 3 | 11));
        if is_missing && !missing_judged {
            *verdict = Default::default();
        }
    }
    let rulings = verdicts.iter().map(|verdict| Ruling {
        rules: verdict.rules().to_vec(),
        level: verdict.is_unsafe().then(|| verdict.level(false).expect("a level")),
    });
    let patterns = if missing_judged { Vec::new() } else { vec![(micro.peer, withheld)] };
    Loaded { rulings: rulings.collect(), linked: alone(table), theirs: Some(theirs), patterns, said: None }
}

/// A table that is linked to no other.
pub fn alone(table: CellTable) -> Linked {
    let count = table.cells.len();
    Linked {
        extras: vec![Default::default(); count],
        known: vec![false; count],
        singly: None,
        counted: true,
        absolute_known: true,
        decimals: 2,
        missing: vec![Vec::new(); table.dimensions.len()],
        members: Vec::new(),
        findings: Vec::new(),
        table,
    }
}

/// One or two firms, or one with more than 85 %; a tenth of the value on either side, and the last decimal for a value of 0.
/// The peer's verdict is worked out anew from the file.
pub fn insee(folder: &Path) -> Loaded {
    let file = folder.join("insee/rtauargus_turnover_act_size.csv");
    let hierarchies = vec![("ACTIVITY".to_owned(), "rtauargus_activity_corr_table.csv".to_owned())];
    let rules = "[minimum_frequency]\ncontributors=3\nlevel_percent=10\n[[dominance]]\nlargest=1\npercent=85\n";
    let mut loaded = loaded(linked(&file, &Wish { hierarchies, ..Wish::default() }), &Basis::Profile(profile(rules)));
    for (cell, ruling) in loaded.linked.table.cells.iter().zip(&mut loaded.rulings) {
        let tenth = ((cell.stats.total + 9) / 10).max(1);
        ruling.level = ruling.level.map(|_| Level { lower: tenth, upper: tenth });
    }
    let mut flagged = BTreeMap::new();
    for record in csv::Reader::from_path(&file).expect("a table").records() {
        let record = record.expect("a row");
        let number = |at: usize| record[at].parse::<f64>().expect("a number");
        let code = |at: usize| if &record[at] == "Total" { String::new() } else { record[at].to_owned() };
        let is_unsafe = (1.0..=2.0).contains(&number(2)) || number(4) > 0.85 * number(3);
        flagged.insert([code(0), code(1)], is_unsafe);
    }
    loaded.theirs = Some(by_key(&loaded.linked.table, |key| flagged.get(&key).copied()));
    loaded
}

/// Something for every cell by its two codes.
pub fn by_key<T>(table: &CellTable, what: impl Fn([String; 2]) -> T) -> Vec<T> {
    let key = |codes: &[u32]| [0, 1].map(|at| table.dimensions[at].codes[codes[at] as usize].clone());
    table.cells.iter().map(|cell| what(key(&cell.codes))).collect()
}

pub const UP_TO_THREE: &str = "[minimum_frequency]\ncontributors=4\nlevel_percent=10\n";

pub fn z3(folder: &Path) -> Loaded {
    let by = ["region", "fylke", "hovedint", "mnd", "mnd2"].map(str::to_owned).to_vec();
    let linked = linked(&folder.join("nordic/SSBtools_z3.csv"), &Wish { by, ..Wish::default() });
    let mut loaded = loaded(linked, &Basis::Profile(profile(UP_TO_THREE)));
    let units = |cell: &sluis::cells::table::CellRow| Some((1..=3).contains(&cell.stats.units));
    loaded.theirs = Some(loaded.linked.table.cells.iter().map(units).collect());
    loaded.said = Some(said_of_z3(&folder.join("nordic/easySdcTable_ProtectTableTest_2025-06-27.csv")));
    loaded
}

/// How many cells the peers withhold beside the 333.
pub fn said_of_z3(file: &Path) -> String {
    let mut said = Vec::new();
    for record in csv::Reader::from_path(file).expect("the calls of the peers").records() {
        let record = record.expect("a call");
        if &record[4] == "333" {
            let after = |name: &str| record[1].split_once(name).map(|(_, rest)| rest.trim_end_matches([' ', ')']));
            let method = after("method = ").expect("a method").replace(['"', '='], "").replace("  ", " ");
            let secondary = record[3].parse::<usize>().expect("a number") - 333;
            let revealed = if &record[5] == "0" { String::new() } else { format!(" ({} revealed)", &record[5]) };
            said.push(format!("{method}: {secondary}{revealed}"));
        }
    }
    assert!(!said.is_empty(), "the calls with 333 unsafe cells");
    said.join("; ")
}

pub fn sosial_fiktiv(folder: &Path) -> Loaded {
    let linked = linked(&folder.join("nordic/SSBtools_sosialFiktiv.csv"), &Wish::default());
    loaded(linked, &Basis::Profile(profile(UP_TO_THREE)))
}

/// The peers count 15 rows: the total, then A to D, each with its total, male and female; `row` is the number of a cell there.
pub fn fifteen(table: &CellTable, withheld: &[usize]) -> Vec<bool> {
    let region = table.dimensions.iter().position(|dimension| dimension.name == "region").expect("regions");
    let name = |at: usize, code: u32| table.dimensions[at].codes[code as usize].as_str();
    let row = |codes: &[u32]| {
        let region_at = ["", "A", "B", "C", "D"].iter().position(|code| *code == name(region, codes[region]));
        let gender_at = ["", "male", "female"].iter().position(|code| *code == name(1 - region, codes[1 - region]));
        region_at.expect("a region") * 3 + gender_at.expect("a gender") + 1
    };
    assert_eq!(table.cells.len(), 15);
    table.cells.iter().map(|cell| withheld.contains(&row(&cell.codes))).collect()
}

pub fn microdata1(folder: &Path) -> Loaded {
    let wish = Wish { records: true, frequency: true, ..Wish::default() };
    let linked = linked(&folder.join("sdctable/sdcTable_microdata1.csv"), &wish);
    let mut loaded = loaded(linked, &Basis::Profile(profile(UP_TO_THREE)));
    let rows = |rows: &[usize]| fifteen(&loaded.linked.table, rows);
    loaded.theirs = Some(rows(&[6]).into_iter().map(Some).collect());
    loaded.patterns = vec![("OPT, HITAS, HYPERCUBE", rows(&[5, 6, 11, 12])), ("GAUSS", rows(&[5, 6, 14, 15]))];
    loaded
}

/// A job of τ-ARGUS; its peer's pattern is s,s,s,s,x,u,s,s,s,s,x,x,s,s,s by row.
pub fn job(folder: &Path, file: &str) -> Loaded {
    let file = folder.join(file);
    let beside = |name: &str| file.with_file_name(name);
    let job = Job::parse(&text(&file)).expect("a job");
    let table = &job.tables[0];
    let wish = Wish {
        by: table.spanning.clone(),
        value: Some(table.response.clone()),
        records: job.records,
        metadata: Some(beside(&job.description)),
        ..Wish::default()
    };
    let mut loaded = loaded(linked(&beside(&job.data), &wish), &Basis::Job(table.rules.clone()));
    let rows = |rows: &[usize]| fifteen(&loaded.linked.table, rows);
    loaded.theirs = Some(rows(&[6]).into_iter().map(Some).collect());
    loaded.patterns = vec![("OPT", rows(&[5, 6, 11, 12]))];
    loaded
}

/// Unsafe cells and levels as the peer wrote them.
pub fn levels_of_file(folder: &Path) -> Loaded {
    let wish = Wish { value: Some("Var2".into()), ..Wish::default() };
    let linked = linked(&folder.join("argus/levels/pp.tab"), &wish);
    let theirs = linked.extras.iter().map(|extra| Some(extra.mark == Mark::Unsafe)).collect();
    let mut loaded = loaded(linked, &Basis::Nothing);
    loaded.theirs = Some(theirs);
    loaded
}

impl Loaded {
    pub fn problem(&self, cost: Cost, against: Against) -> Problem {
        let mut problem = rulings::problem(&self.linked, &self.rulings, cost, &Rounding::default());
        if against == Against::Pairs {
            problem.demands.extend(singleton_pairs(&problem));
        }
        problem
    }

    pub fn cells(&self) -> usize {
        self.linked.table.cells.len()
    }

    /// Unsafe cells; each cell that the peer judges is unsafe to us where it is to the peer.
    pub fn is_unsafe(&self, name: &str) -> usize {
        for (at, theirs) in self.theirs.iter().flatten().enumerate() {
            if let Some(theirs) = theirs {
                assert_eq!(self.rulings[at].level.is_some(), *theirs, "{name}: {}", self.linked.table.name(at));
            }
        }
        self.rulings.iter().filter(|ruling| ruling.level.is_some()).count()
    }
}
