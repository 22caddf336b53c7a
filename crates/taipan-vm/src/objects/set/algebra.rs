//! The list iterators: being written.
