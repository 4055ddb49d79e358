#: run: {"3.11": "{work}/venv/bin/python {dir}/{file}"}
#: type: IndexError
#: message: list index out of range
#: frames: main pay first
#: note: loguru draws the values of variables between the frames
from loguru import logger


def first(methods):
    return methods[0]  #@ first first


def pay(order):
    return first(order["methods"])  #@ pay pay


try:
    pay({"methods": []})  #@ main <module>
except IndexError:
    logger.exception("payment of order {} failed", 17)
