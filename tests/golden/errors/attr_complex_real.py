(1j).real = 2
