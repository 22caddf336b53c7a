"snow \u2603 man".encode("ascii")
