//! Tests of pooling.
