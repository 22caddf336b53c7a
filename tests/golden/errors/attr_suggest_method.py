class C:
    def compute_total(self):
        pass
C().compute_totl()
