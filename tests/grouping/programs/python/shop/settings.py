"""Settings."""
import json

DEFAULTS = {}  #@2


def load(text):
    return json.loads(text)
