"{:5}".format(None)
