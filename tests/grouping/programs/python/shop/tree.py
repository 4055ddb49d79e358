"""Categories."""
import sys

ROOT = 0  #@2


def depth(level):
    sys.setrecursionlimit(level)
    return walk(0)


def walk(node):
    return walk(node + 1) + 1
