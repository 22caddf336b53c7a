import re
re.match("a", "a").group(3)
