#: type: NotImplementedError
#: message: ""
#: frames: main export
class Report:
    def export(self):
        raise NotImplementedError  #@ export export


Report().export()  #@ main <module>
