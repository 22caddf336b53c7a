import threading, sys

def work():
    sys.exit("quiet")

t = threading.Thread(target=work)
t.start()
t.join()
raise SystemExit(4)
