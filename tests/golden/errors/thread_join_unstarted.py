import threading
threading.Thread(target=print).join()
