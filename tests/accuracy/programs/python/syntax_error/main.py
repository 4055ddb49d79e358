#: type: SyntaxError
#: message: "'(' was never closed"
#: frames: main broken
#: run: {"3.11": "{work}/venv/bin/python {dir}/main.py", "3.13": "python3.13 {dir}/main.py"}
from taxes import with_tax  #@ main <module>

print(with_tax(3))
