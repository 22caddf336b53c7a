class A: pass
A().__dict__ = 3
