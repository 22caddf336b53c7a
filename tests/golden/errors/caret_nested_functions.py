def level1():
    def level2():
        def level3():
            raise ValueError("deep")
        return level3()
    return level2()
level1()
