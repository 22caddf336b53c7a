import io
io.BytesIO().write("x")
