#: type: ValidationFailed
#: message: |-
#:   order 4711 is not valid:
#:     - customer: must not be empty
#:     - items[0].price: must be positive
#:
#:   see the handbook
#: frames: main validate
class ValidationFailed(Exception):
    pass


def validate(order):
    problems = ["customer: must not be empty", "items[0].price: must be positive"]
    raise ValidationFailed(f"order {order} is not valid:\n" + "\n".join(f"  - {p}" for p in problems) + "\n\nsee the handbook")  #@ validate validate


validate(4711)  #@ main <module>
