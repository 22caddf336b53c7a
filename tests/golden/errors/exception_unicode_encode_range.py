"\u2603\u2603\u2603".encode("latin-1")
