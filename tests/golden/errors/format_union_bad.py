int | 5
