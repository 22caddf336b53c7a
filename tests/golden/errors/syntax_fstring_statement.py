f"{return}"
