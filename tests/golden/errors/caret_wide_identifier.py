def 関数(引数):
    return 引数 / 0
関数(1)
