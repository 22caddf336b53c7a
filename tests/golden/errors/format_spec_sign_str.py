"{:+}".format("x")
