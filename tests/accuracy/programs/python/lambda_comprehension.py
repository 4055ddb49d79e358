#: type: TypeError
#: message: "'<' not supported between instances of 'NoneType' and 'int'"
#: frames: main listcomp best lambda
#: frames@3.13: main best lambda
def best(offers):
    return max(  #@ best best
        filter(lambda offer: offer["price"] < 100, offers),  #@ lambda <lambda>
        key=lambda offer: offer["price"],
    )


print([best(offers) for offers in [[{"price": None}]]])  #@ main <module>; listcomp <listcomp>
