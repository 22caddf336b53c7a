print("🐍🐍" + 1)
