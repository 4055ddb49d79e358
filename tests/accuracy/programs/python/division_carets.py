#: type: ZeroDivisionError
#: message: division by zero
#: message@3.13: division by zero
#: frames: main run share
def share(parts, whole, rate):
    return (parts * 100) / (whole - 10) + (rate / 3)  #@ share share


def run():
    values = [4, 5, 6]
    return share(  #@ run run
        values[0],
        10,
        0.5,
    )


if __name__ == "__main__":
    run()  #@ main <module>
