raise UserWarning("a warning raised")
