//! Unicode 15.1 tables and text algorithms.
