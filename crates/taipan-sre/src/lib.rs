//! Executes the code words that re._compiler emits.
