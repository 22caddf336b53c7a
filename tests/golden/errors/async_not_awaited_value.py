async def main():
    await 5
c = main()
try:
    c.send(None)
finally:
    c.close()
