"{!z}".format(1)
