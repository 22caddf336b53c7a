"{:.3d}".format(3)
