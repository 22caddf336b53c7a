ValueError("x").add_note(3)
