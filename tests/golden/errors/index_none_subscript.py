x = None
x["key"]["other"]
