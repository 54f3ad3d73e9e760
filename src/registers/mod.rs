//! Registers are read here and nowhere else: files become typed, checked frames, and identifiers become keys.

pub mod frame;
