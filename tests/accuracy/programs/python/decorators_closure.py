#: type: PermissionError
#: message: ada may not refund
#: frames: main wrapper call refund
import functools


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print("calling", function.__name__)
        return function(*args, **kwargs)  #@ wrapper wrapper

    return wrapper


class Desk:
    def __init__(self, allowed):
        self.allowed = allowed

    def __call__(self, user):
        if user not in self.allowed:
            raise PermissionError(f"{user} may not refund")  #@ refund __call__


@logged
def refund(user):
    Desk({"eve"})(user)  #@ call refund


refund("ada")  #@ main <module>
