#: chain:
#: - {type: ValueError, message: "invalid literal for int() with base 10: 'twelve'", frames: to_int}
#: - {type: AttributeError, message: "'NoneType' object has no attribute 'warning'", frames: main parse}
#: note: the handler itself is broken (no logger), but what started it is the number that is none
logger = None


def parse(text):
    try:
        return int(text)  #@ to_int parse
    except ValueError:
        logger.warning("not a number: %s", text)  #@ parse parse
        return 0


parse("twelve")  #@ main <module>
