"""How well errors are understood: traces of programs that crashed, with the truth that the programs state, and what is made of them."""
