e = ValueError("with a note")
e.add_note("the note")
raise e
