import threading, sys

def hook(args):
    print(args.exc_type.__name__, args.exc_value, args.thread.name, file=sys.stderr)

threading.excepthook = hook
t = threading.Thread(target=lambda: 1 / 0, name="hooked")
t.start()
t.join()
