co = fh = 1
def function():
    return case
function()
