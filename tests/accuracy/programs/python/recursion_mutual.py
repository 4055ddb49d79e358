#: type: RecursionError
#: message: maximum recursion depth exceeded
#: frames: main even|odd^
import sys

sys.setrecursionlimit(28)


def even(n):
    return odd(n + 1)  #@ even even


def odd(n):
    return even(n + 1)  #@ odd odd


even(0)  #@ main <module>
