//! Tables of cells made elsewhere: from records of contributors and the hierarchies of the spanning variables to a table set.

pub mod hierarchy;
pub mod table;
pub mod system;
pub mod records;
pub mod unions;
pub mod argus;
pub mod perturb;
pub mod plain;
pub mod read;
pub mod link;
mod unnamed;
pub mod rulings;
pub mod write;
pub mod feasible;
pub mod safe;
