e = ExceptionGroup("noted", [ValueError("v")])
e.exceptions[0].add_note("on the member")
e.add_note("on the group")
raise e
