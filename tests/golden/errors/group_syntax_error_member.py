try:
    compile("a b", "made_up.py", "exec")
except SyntaxError as e:
    raise ExceptionGroup("syntax", [e])
