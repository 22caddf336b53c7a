x = f"""
line
{1 / 0}
"""
