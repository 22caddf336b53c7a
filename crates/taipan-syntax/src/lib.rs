//! Python 3.13 source text to AST. Knows no runtime.
