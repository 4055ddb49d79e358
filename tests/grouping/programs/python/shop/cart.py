"""The cart."""
from collections import namedtuple

Owner = namedtuple("Owner", "name email")
LIMIT = 3  #@2


def currency(code):  #@2
    return code.upper()  #@2


def total(items):
    amount = 0
    for item in items:
        price = item["price"]
        amount += price * item["count"]
    return amount


def first(items):
    return total([items[0]])


def greet(owner):
    name = owner.name
    return "Dear %s <%s>" % (name, owner.email.lower())


identity = lambda value: value  #@2


def rate(amount):
    per = lambda value: value / 0
    return list(map(per, [amount]))


def shares(parts):
    return [100 / part for part in parts]
