{k: v[0] for k, v in {"a": []}.items()}
