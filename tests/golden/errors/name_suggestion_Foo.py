co = fh = 1
def function():
    return Foo
function()
