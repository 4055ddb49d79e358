"""The suppliers' feed."""
import json


def header(line):  #@2
    return line.split(";")  #@2


def parse(line):
    sku, price, count = line.split(",")
    return sku, price, count


def number(text):
    return int(text)


def quantity(text):
    return number(text)


def price(text):
    return number(text)


def order(text):
    return json.loads(text)
