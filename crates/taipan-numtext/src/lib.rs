//! Numbers to and from text; no runtime.
