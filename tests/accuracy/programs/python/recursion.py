#: type: RecursionError
#: message: maximum recursion depth exceeded
#: frames: main walk^
class Category:
    def __init__(self):
        self.parent = self


def path(category):
    return path(category.parent) + [category]  #@ walk path


path(Category())  #@ main <module>
