#: type: AssertionError
#: message: "total is negative: -3"
#: frames: "... main add check"
#: run: {"3.11": "{work}/venv/bin/python -m shop", "3.13": "python3.13 -m shop"}
from shop.cart.items import Basket

Basket().add(-3)  #@ main <module>
