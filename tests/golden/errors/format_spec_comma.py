"{:,x}".format(3)
