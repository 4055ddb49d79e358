#: type: NameError
#: message: name 'discount' is not defined
#: frames: main render ...
#: blame: render
#: note: the innermost frame is code made at run time, which no file holds
def render(formula, **values):
    code = compile(formula, "<formula>", "eval")
    return eval(code, {}, values)  #@ render render


render("price - discount", price=3)  #@ main <module>
