"""Pickles, damaged or not, loaded where only harmless names are found."""
import io
import pickle
import pickletools

from marshal_data import value

HARMLESS = {("collections", "OrderedDict"), ("builtins", "complex"), ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "bytearray"), ("builtins", "range"), ("copyreg", "_reconstructor")}


class Careful(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) in HARMLESS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"refused: {module}.{name}")


def case(rnd):
    made = [value(rnd, 3), set(range(rnd.randrange(3))), bytearray(b"x"), 1j]
    data = pickle.dumps(made[:rnd.randrange(1, 5)], rnd.randrange(6))
    for _ in range(rnd.choice([0, 0, 1, 1, 2, 3])):
        at = rnd.randrange(len(data))
        data = data[:at] + rnd.choice([b"", bytes([rnd.randrange(256)]), rnd.choice(b"(.012FIJKLMNTUVX]aelhjpqrtus\x80\x85\x86\x87\x88\x8c\x94").to_bytes()]) + data[at + rnd.randrange(2):]
    return data


def outcome(data):
    try:
        found = Careful(io.BytesIO(data)).load()
        said, past = repr(found), True
    except Exception as error:
        said, past = f"{type(error).__name__}: {error}", False
    try:
        listing = io.StringIO()
        pickletools.dis(data, listing)
    except Exception as error:
        said += f"{type(error).__name__}: {error}"
    return past, said + listing.getvalue()
