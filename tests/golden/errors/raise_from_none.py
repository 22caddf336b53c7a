try:
    {}["missing"]
except KeyError:
    raise LookupError("replaced") from None
