//! Python methods: being written in the containers worktree.

use crate::prelude::*;

use super::{FrozenSet, Set};

#[pymethods]
impl Set {}

#[pymethods]
impl FrozenSet {}
