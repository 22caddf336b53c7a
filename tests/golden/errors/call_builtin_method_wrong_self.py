list.append({}, 1)
