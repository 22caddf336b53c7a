co = fh = 1
def function():
    return ab
function()
