//! Values and the garbage-collected heap. Knows no Python type.
