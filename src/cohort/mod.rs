//! The cohort puts every unit of a year in an arm and in its classes.

pub mod outliers;
pub mod values;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::amount::{MISSING, SCALE};
use crate::registers::frame::{BusinessUnit, Key, NO_CODE, NO_YEAR, UnitFrame};
use crate::spec::plan::{ClassSet, ClassYear, Cohort, Dimension, GroupMembers, Panel, Plan, Treated};

/// Where a unit stands in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arm {
    Treated,
    Control,
    /// In no table: a control of a participant's group that the pipeline leaves out, or a unit outside a balanced panel.
    Excluded,
}

/// Bits of [`Dimension::GroupLevel`]: the enterprise group has more employed persons; it falls in a higher size class.
pub const GROUP_LARGER: u16 = 1;
pub const GROUP_IN_HIGHER_CLASS: u16 = 2;

/// Units of one year with their arm, contributor and classes.
pub struct CohortYear {
    pub frame: UnitFrame,
    pub arm: Vec<Arm>,
    /// Enterprise group, or the unit itself where it has none. Equal numbers within a year are one contributor.
    pub contributor: Vec<u32>,
    /// Class of each unit by dimension, [`NO_CODE`] where it has none; for the group level a set of bits.
    pub classes: BTreeMap<Dimension, Vec<u16>>,
    /// The treated units whose group falls in a higher class of the outlier rule's set; all `false` without such a rule.
    pub group_in_higher_class: Vec<bool>,
}

/// What has to be known of other years before a year can be put in classes.
#[derive(Default)]
pub struct Context {
    /// Classes in the base year by unit, when classes are taken there.
    base: Option<HashMap<u32, BTreeMap<Dimension, u16>>>,
    /// Units that are there in every year, when the panel is balanced.
    always: Option<BTreeSet<Key<BusinessUnit>>>,
    /// Units that a column says are treated in some year.
    ever: BTreeSet<Key<BusinessUnit>>,
}

impl Context {
    /// Whether a year can only be judged beside the others, so that all of them are read before the first is.
    pub fn is_needed(plan: &Plan) -> bool {
        let Cohort { classes, panel, treated, .. } = &plan.cohort;
        matches!(classes, ClassYear::Base(_)) || *panel == Panel::Balanced || matches!(treated, Treated::Column { .. })
    }

    /// Units that a column says are treated in some year.
    pub fn ever_treated(&self) -> &BTreeSet<Key<BusinessUnit>> {
        &self.ever
    }

    /// Looks over the frames of all years.
    pub fn new(plan: &Plan, frames: &[&UnitFrame]) -> Self {
        let mut context = Self::default();
        if let ClassYear::Base(year) = plan.cohort.classes
            && let Some(frame) = frames.iter().find(|frame| frame.year == year)
        {
            let classes = own_classes(plan, frame);
            let by_unit = |at: usize| classes.iter().map(|(d, codes)| (d.clone(), codes[at])).collect();
            context.base = Some(frame.unit.iter().enumerate().map(|(at, unit)| (unit.0, by_unit(at))).collect());
        }
        if plan.cohort.panel == Panel::Balanced {
            let mut seen: HashMap<u32, usize> = HashMap::new();
            frames.iter().flat_map(|frame| &frame.unit).for_each(|unit| *seen.entry(unit.0).or_default() += 1);
            context.always =
                Some(seen.into_iter().filter(|(_, years)| *years == frames.len()).map(|(unit, _)| Key::new(unit)).collect());
        }
        if let Treated::Column { column, .. } = &plan.cohort.treated {
            for frame in frames {
                let positions = 0..frame.unit.len();
                context.ever.extend(positions.filter(|at| flagged(frame, column, *at)).map(|at| frame.unit[at]));
            }
        }
        context
    }
}

/// Whether the unit has a value other than zero or missing in this column.
fn flagged(frame: &UnitFrame, column: &str, at: usize) -> bool {
    frame.measures.get(column).is_some_and(|measure| !matches!(measure.at(at), 0 | MISSING))
}

/// Puts the units of one year in arms and classes; `linked` are the units of participants.
pub fn build(plan: &Plan, context: &Context, frame: UnitFrame, linked: &BTreeSet<Key<BusinessUnit>>) -> CohortYear {
    let contributor = contributors(&frame);
    let arm = arms(plan, context, &frame, linked, &contributor);
    let classes = match &context.base {
        None => own_classes(plan, &frame),
        Some(base) => base_classes(plan, base, &frame),
    };
    let group_in_higher_class = match &plan.outliers {
        Some(outliers) => {
            let set = &plan.class_sets[outliers.class_set];
            (0..frame.unit.len()).map(|at| group_level(set, &frame, at) & GROUP_IN_HIGHER_CLASS != 0).collect()
        }
        None => vec![false; frame.unit.len()],
    };
    CohortYear { frame, arm, contributor, classes, group_in_higher_class }
}

/// Groups keep their key, units without a group get one above all groups.
fn contributors(frame: &UnitFrame) -> Vec<u32> {
    let first_free = frame.group.iter().flatten().map(|group| group.0 + 1).max().unwrap_or(0);
    let own = |at: usize| first_free + at as u32;
    frame.group.iter().enumerate().map(|(at, group)| group.map_or_else(|| own(at), |group| group.0)).collect()
}

fn arms(
    plan: &Plan,
    context: &Context,
    frame: &UnitFrame,
    linked: &BTreeSet<Key<BusinessUnit>>,
    contributor: &[u32],
) -> Vec<Arm> {
    let treated = |at: usize| match &plan.cohort.treated {
        Treated::Linked => linked.contains(&frame.unit[at]),
        Treated::Column { ever: true, .. } => context.ever.contains(&frame.unit[at]),
        Treated::Column { column, ever: false } => flagged(frame, column, at),
        Treated::Nobody => false,
    };
    let treated: Vec<bool> = (0..frame.unit.len()).map(treated).collect();
    let owners: BTreeSet<u32> = match plan.cohort.group_members {
        GroupMembers::Keep => BTreeSet::new(),
        GroupMembers::LeaveOut => (0..treated.len()).filter(|at| treated[*at]).map(|at| contributor[at]).collect(),
    };
    let arm = |at: usize| {
        let outside = context.always.as_ref().is_some_and(|always| !always.contains(&frame.unit[at]));
        match treated[at] {
            _ if outside => Arm::Excluded,
            true => Arm::Treated,
            false if owners.contains(&contributor[at]) => Arm::Excluded,
            false => Arm::Control,
        }
    };
    (0..treated.len()).map(arm).collect()
}

/// Every dimension that the tables of the plan use, year and arm left out.
pub fn dimensions(plan: &Plan) -> BTreeSet<Dimension> {
    let mut used = BTreeSet::new();
    for table in &plan.tables {
        used.extend(table.by.iter().cloned());
        used.extend(table.filters.iter().map(|filter| filter.dimension.clone()));
        used.extend(table.show.of().cloned());
    }
    used.remove(&Dimension::Year);
    used.remove(&Dimension::Arm);
    used
}

fn own_classes(plan: &Plan, frame: &UnitFrame) -> BTreeMap<Dimension, Vec<u16>> {
    dimensions(plan).into_iter().map(|dimension| (dimension.clone(), classes_of(plan, frame, &dimension))).collect()
}

fn base_classes(plan: &Plan, base: &HashMap<u32, BTreeMap<Dimension, u16>>, frame: &UnitFrame) -> BTreeMap<Dimension, Vec<u16>> {
    let class = |unit: &Key<BusinessUnit>, dimension: &Dimension| base.get(&unit.0).map_or(NO_CODE, |of| of[dimension]);
    dimensions(plan)
        .into_iter()
        .map(|dimension| (dimension.clone(), frame.unit.iter().map(|unit| class(unit, &dimension)).collect()))
        .collect()
}

fn classes_of(plan: &Plan, frame: &UnitFrame, dimension: &Dimension) -> Vec<u16> {
    let units = 0..frame.unit.len();
    match dimension {
        Dimension::Year | Dimension::Arm => Vec::new(),
        Dimension::Code(name) => frame.codes.get(name).cloned().unwrap_or_else(|| vec![NO_CODE; frame.unit.len()]),
        Dimension::Class(set) => {
            let set = &plan.class_sets[*set];
            units.map(|at| number(frame, &set.variable, at).and_then(|n| set.class_of(n)).unwrap_or(NO_CODE)).collect()
        }
        Dimension::GroupLevel => {
            let five = plan.class_sets.iter().find(|set| set.name == "size.five");
            units.map(|at| five.map_or(0, |set| group_level(set, frame, at))).collect()
        }
    }
}

/// The whole number that a class set cuts: employed persons, age in years, or a measure of a panel (rounded down).
fn number(frame: &UnitFrame, variable: &str, at: usize) -> Option<i64> {
    let whole = |scaled: i64| (scaled != MISSING).then(|| scaled.div_euclid(SCALE));
    match variable {
        "persons" if !frame.persons.is_empty() => whole(frame.persons[at]),
        "age" => age(frame, at),
        name => frame.measures.get(name).and_then(|measure| whole(measure.at(at))),
    }
}

/// Year minus founding year.
pub fn age(frame: &UnitFrame, at: usize) -> Option<i64> {
    let founded = *frame.founded.get(at)?;
    (founded != NO_YEAR).then(|| i64::from(frame.year) - i64::from(founded))
}

/// Whether the enterprise group is larger than the unit, as bits.
fn group_level(set: &ClassSet, frame: &UnitFrame, at: usize) -> u16 {
    let (Some(&own), Some(&of_group)) = (frame.persons.get(at), frame.group_persons.get(at)) else { return 0 };
    if own == MISSING || of_group == MISSING || of_group <= own {
        return 0;
    }
    let class = |scaled: i64| set.class_of(scaled.div_euclid(SCALE));
    if class(of_group) > class(own) { GROUP_LARGER | GROUP_IN_HIGHER_CLASS } else { GROUP_LARGER }
}
