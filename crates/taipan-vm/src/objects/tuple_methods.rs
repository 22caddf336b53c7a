//! Python methods: being written in the containers worktree.

use crate::prelude::*;

#[pymethods]
impl Tuple {}
