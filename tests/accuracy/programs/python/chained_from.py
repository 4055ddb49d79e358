#: chain:
#: - {type: KeyError, message: "'DATABASE_URL'", frames: read url ...}
#: - {type: ConfigError, message: database is not configured, frames: main start load}
#: note: the cause is the missing variable, asked for in read_url; ConfigError only says what it means
import os


class ConfigError(Exception):
    pass


def read_url():
    return os.environ["DATABASE_URL"]  #@ url read_url


def load():
    try:
        return read_url()  #@ read load
    except KeyError as error:
        raise ConfigError("database is not configured") from error  #@ load load


def start():
    return load()  #@ start start


start()  #@ main <module>
