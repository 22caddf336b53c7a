x = 1
print(qqqqqqqqqq)
