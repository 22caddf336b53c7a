import io
f = io.StringIO()
f.close()
f.write("x")
