raise ValueError("bell \x07 and nul \x00 and tab \t.")
