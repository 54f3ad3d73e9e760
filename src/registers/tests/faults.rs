//! Faults planted in a delivery, and where they are found.
