import threading

def hook(args):
    raise TypeError("hook broke")

threading.excepthook = hook
t = threading.Thread(target=lambda: 1 / 0, name="hooked")
t.start()
t.join()
