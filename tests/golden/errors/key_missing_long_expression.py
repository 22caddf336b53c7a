data = {"users": {"alice": {"age": 3}}}
print(data["users"]["bob"]["age"])
