import sys, io
class Out(io.StringIO):
    def write(self, text):
        sys.__stderr__.write("<" + text + ">")
sys.stderr = Out()
raise ValueError("through the object")
