import json, no_such_module_a, math
