y = x++
