TAX = 0.21


def with_tax(price):
    return round(price * (1 + TAX)  #@ broken


print("loaded")
