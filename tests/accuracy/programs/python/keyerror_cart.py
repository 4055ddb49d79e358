#: type: KeyError
#: message: "'price'"
#: frames: main checkout sum total line
def line_total(item):
    return item["quantity"] * item["price"]  #@ line line_total


def total(cart):
    return sum(line_total(item) for item in cart)  #@ total <genexpr>; sum total


def checkout(cart):
    print("checking out", len(cart), "items")
    return {"total": total(cart)}  #@ checkout checkout


checkout([{"sku": "A-1", "quantity": 2}])  #@ main <module>
