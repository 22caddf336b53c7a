import threading

def work(n):
    raise ValueError(f"thread {n}")

t = threading.Thread(target=work, args=(1,), name="worker-one")
t.start()
t.join()
raise SystemExit(1)
