#: type: LookupError
#: message: unknown currency XAU
#: frames: main prices ... money
import json

RATES = {"EUR": 1.0}


def money(pair):
    if "currency" in pair and pair["currency"] not in RATES:
        raise LookupError("unknown currency " + pair["currency"])  #@ money money
    return pair


def prices(text):
    return json.loads(text, object_hook=money)  #@ prices prices


prices('{"items": [{"price": 3, "currency": "XAU"}]}')  #@ main <module>
