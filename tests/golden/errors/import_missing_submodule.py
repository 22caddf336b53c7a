import json.no_such_part
