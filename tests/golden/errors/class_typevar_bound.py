class Box[T: undefined_bound]:
    pass
Box.__type_params__[0].__bound__
