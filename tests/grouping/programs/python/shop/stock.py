"""The warehouse."""


class StockError(Exception):
    """A reservation failed."""


class Unavailable(Exception):
    pass


def parse(line):
    shelf, row, place = line.split(",")
    return shelf, row, place


def closed():  #@2
    return False  #@2


def fetch(shelves, sku):
    if shelves is None:
        raise TimeoutError("warehouse did not answer in %d ms" % (len(sku) * 100))
    return shelves["shelf"]


def reserve(shelves, sku):
    try:
        return fetch(shelves, sku)
    except Exception as error:
        raise StockError("cannot reserve %s" % sku) from error


def owner(number):
    return {}[number]


def refuse(sku):
    raise Unavailable("item %s is not in stock at db-1.internal:5432 since 2026-03-0%d" % (sku, len(sku)))
