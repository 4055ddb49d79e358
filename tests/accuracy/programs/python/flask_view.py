#: run: {"3.11": "{work}/venv/bin/python {dir}/{file}"}
#: type: AttributeError
#: message: "'NoneType' object has no attribute 'email'"
#: frames: "... view greet"
from flask import Flask

app = Flask("shop")
USERS = {}


def greeting(user):
    return f"Dear {user.email}"  #@ greet greeting


@app.route("/users/<int:number>")
def show(number):
    return greeting(USERS.get(number))  #@ view show


answer = app.test_client().get("/users/7")
print("answered", answer.status_code)
