class C:
    alpha = 1
C().zzzzzzzzzzzz
