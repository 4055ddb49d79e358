#: type: FileNotFoundError
#: message: "[Errno 2] No such file or directory: '/srv/data/2026-03.csv'"
#: frames: main month open
def load(name):
    return open(f"/srv/data/{name}.csv")  #@ open load


def month(name):
    try:
        return load(name)  #@ month month
    except OSError as error:
        error.add_note(f"while closing the month {name}")
        error.add_note("run `fetch-ledger` first")
        raise


month("2026-03")  #@ main <module>
