import datetime
datetime.date(2024, 13, 1)
