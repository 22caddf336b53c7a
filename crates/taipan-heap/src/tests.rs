//! Tests of the whole heap with plain cells.
