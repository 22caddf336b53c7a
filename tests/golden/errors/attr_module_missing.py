import json
json.nonexistent_thing
