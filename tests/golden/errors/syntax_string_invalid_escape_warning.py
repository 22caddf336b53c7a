x = "\d"
raise SystemExit(1)
