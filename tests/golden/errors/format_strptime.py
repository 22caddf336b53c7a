import datetime
datetime.datetime.strptime("x", "%Y")
