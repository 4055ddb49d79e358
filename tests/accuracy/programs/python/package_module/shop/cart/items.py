class Basket:
    total = 0

    def add(self, price):
        self.total += price
        self._check()  #@ add add

    def _check(self):
        assert self.total >= 0, f"total is negative: {self.total}"  #@ check _check
