"{:>5}".format([])
