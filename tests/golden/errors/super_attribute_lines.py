import traceback
class A:
    def m(self):
        return super(
        ).nope
    def n(self):
        return super(
           ).nope(1,
             2)
try:
    A().m()
except AttributeError:
    traceback.print_exc()
A().n()
