import pickle
pickle.loads(b"\x80\x04K")
