total_amount = 3
print(total_amout)
