def run():
    exec("if True:\nprint(1)")
run()
