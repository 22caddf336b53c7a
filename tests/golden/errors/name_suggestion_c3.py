co = fh = 1
def function():
    return c3
function()
