config = {"server": {"port": 80}}
value = (config
         ["server"]
         ["host"])
