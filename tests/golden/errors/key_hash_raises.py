class C:
    def __hash__(self):
        raise ValueError("no hash today")
{C(): 1}
