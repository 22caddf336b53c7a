eval("missing + 1", {})
