class Q:
    def where(self, x):
        return self
    def run(self):
        raise ValueError("query failed")
(
    Q()
    .where(1)
    .where(2)
    .run()
)
