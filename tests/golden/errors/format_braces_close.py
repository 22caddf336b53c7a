"}".format()
