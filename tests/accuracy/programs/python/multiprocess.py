#: type: ArithmeticError
#: message: the books do not balance
#: named: 0
#: chain:
#: - {type: ArithmeticError, message: the books do not balance, frames: "... close"}
#: - {type: ArithmeticError, message: the books do not balance, frames: main each ...}
#: blame: close
#: note: the worker process's trace is quoted as the cause; what it says of the worker is the place
from concurrent.futures import ProcessPoolExecutor


def close(month):
    if month == 2:
        raise ArithmeticError("the books do not balance")  #@ close close
    return month


def run():
    with ProcessPoolExecutor(1) as pool:
        return list(pool.map(close, [1, 2]))  #@ each run


if __name__ == "__main__":
    run()  #@ main <module>
