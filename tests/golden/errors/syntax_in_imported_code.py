compile("x = (", "<made up>", "exec")
