"""python main.py BUG DATA: one bug, left to end the program as it would in production."""
import sys

from shop import cart, feed, settings, stock, tree

BUGS = {
    "key-price": lambda data: cart.total([{"sku": data, "count": 1}]),
    "key-count": lambda data: cart.total([{"sku": data, "price": len(data)}]),
    "no-items": lambda data: cart.first([]),
    "none-name": lambda data: cart.greet(None),
    "none-email": lambda data: cart.greet(cart.Owner(data, None)),
    "unpack-feed": lambda data: feed.parse(data),
    "unpack-stock": lambda data: stock.parse(data),
    "int-quantity": lambda data: feed.quantity(data),
    "int-price": lambda data: feed.price(data),
    "chain-key": lambda data: stock.reserve({}, data),
    "chain-timeout": lambda data: stock.reserve(None, data),
    "lambda-zero": lambda data: cart.rate(int(data)),
    "comprehension-zero": lambda data: cart.shares([int(data), 0]),
    "recursion": lambda data: tree.depth(int(data)),
    "json-settings": lambda data: settings.load(data),
    "json-order": lambda data: feed.order(data),
    "data-key": lambda data: stock.owner(data),
    "refused": lambda data: stock.refuse(data),
}

if __name__ == "__main__":
    BUGS[sys.argv[1]](sys.argv[2])
