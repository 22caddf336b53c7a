import sys
class Out:
    def write(self, text):
        raise OSError("cannot write")
sys.stderr = Out()
raise ValueError("lost")
