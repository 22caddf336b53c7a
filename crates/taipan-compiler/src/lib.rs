//! AST to register bytecode.
