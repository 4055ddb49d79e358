#: chain:
#: - {type: json.decoder.JSONDecodeError, message: "Expecting value: line 1 column 1 (char 0)", frames: decode ...}
#: - {type: RatesError, message: the rates cannot be read, frames: quote rates}
#: - {type: QuoteError, message: "no quote for EUR/USD", frames: main quoted}
import json


class RatesError(ValueError):
    pass


class QuoteError(RuntimeError):
    pass


def rates(body):
    try:
        return json.loads(body)  #@ decode rates
    except ValueError as error:
        raise RatesError("the rates cannot be read") from error  #@ rates rates


def quote(pair):
    try:
        return rates("<html>503</html>")[pair]  #@ quote quote
    except RatesError as error:
        raise QuoteError(f"no quote for {pair}") from error  #@ quoted quote


print(quote("EUR/USD"))  #@ main <module>
