import warnings
warnings.simplefilter("ignore")
import traceback, sys
def attempt(f):
    try:
        f()
    except Exception:
        traceback.print_exc()

attempt(lambda: 1 & 's')

def inplace():
    left = 1
    left &= 's'
attempt(inplace)
attempt(lambda: 's' & 1)

def inplace():
    left = 's'
    left &= 1
attempt(inplace)
attempt(lambda: [1] & None)

def inplace():
    left = [1]
    left &= None
attempt(inplace)
attempt(lambda: {} & {})

def inplace():
    left = {}
    left &= {}
attempt(inplace)
attempt(lambda: 1.5 & b'b')

def inplace():
    left = 1.5
    left &= b'b'
attempt(inplace)
attempt(lambda: () & [1])

def inplace():
    left = ()
    left &= [1]
attempt(inplace)
attempt(lambda: {1} & [1])

def inplace():
    left = {1}
    left &= [1]
attempt(inplace)
attempt(lambda: len & int)

def inplace():
    left = len
    left &= int
attempt(inplace)
attempt(lambda: None & None)

def inplace():
    left = None
    left &= None
attempt(inplace)
attempt(lambda: 1j & 's')

def inplace():
    left = 1j
    left &= 's'
attempt(inplace)
attempt(lambda: b'b' & 's')

def inplace():
    left = b'b'
    left &= 's'
attempt(inplace)
attempt(lambda: int & 1)

def inplace():
    left = int
    left &= 1
attempt(inplace)
sys.exit(1)
