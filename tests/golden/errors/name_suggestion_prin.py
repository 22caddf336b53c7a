co = fh = 1
def function():
    return prin
function()
