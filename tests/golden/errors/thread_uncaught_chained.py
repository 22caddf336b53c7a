import threading

def work():
    try:
        {}["x"]
    except KeyError as e:
        raise RuntimeError("wrapped") from e

t = threading.Thread(target=work, name="w")
t.start()
t.join()
