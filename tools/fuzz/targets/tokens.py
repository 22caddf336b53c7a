"""The tokens of damaged sources as `tokenize` gives them, and its errors."""
import io
import tokenize

from _library import damage, piece, prepare


def case(rnd):
    return damage(rnd, piece(rnd))


def outcome(text):
    said = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            said.append(tuple(token))
    except (tokenize.TokenError, SyntaxError) as error:
        return False, repr((said, type(error).__name__, error.args))
    return True, repr(said)
