__import__(3)
