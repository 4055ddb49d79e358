#: run: {"3.11": "{work}/venv/bin/python {dir}/{file}"}
#: chain:
#: - {type: sqlite3.OperationalError, message: "no such table: orders", frames: "..."}
#: - {type: sqlalchemy.exc.OperationalError, message: "(sqlite3.OperationalError) no such table: orders", frames: main run ...}
#: note: the driver's error has library frames only; our query is to blame
from sqlalchemy import create_engine, text


def newest(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT id FROM orders ORDER BY id DESC LIMIT :n"), {"n": 5}).all()  #@ run newest


newest(create_engine("sqlite://"))  #@ main <module>
