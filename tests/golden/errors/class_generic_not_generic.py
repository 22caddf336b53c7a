import typing
typing.Generic[int]
