"{:=5}".format("x")
