#: named: 0
#: chain:
#: - {type: ExceptionGroup, message: import failed (2 sub-exceptions), frames: main load}
#: - {type: ValueError, message: "row 3: amount is 'n/a'", frames: rows first}
#: - {type: ExceptionGroup, message: row 7 (2 sub-exceptions)}
#: - {type: TypeError, message: "row 7: date is missing"}
#: - {type: KeyError, message: "'currency'"}
def check(number, row):
    if row["amount"] == "n/a":
        raise ValueError(f"row {number}: amount is 'n/a'")  #@ first check


def load(rows):
    errors = []
    for number, row in rows:
        try:
            check(number, row)  #@ rows load
        except ValueError as error:
            errors.append(error)
    errors.append(ExceptionGroup("row 7", [TypeError("row 7: date is missing"), KeyError("currency")]))
    raise ExceptionGroup("import failed", errors)  #@ load load


load([(3, {"amount": "n/a"})])  #@ main <module>
