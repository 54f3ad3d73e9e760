//! The pipeline file, the schemas and the classifications: text with places, lowered to a plan.

pub mod plan;
pub mod schema;
