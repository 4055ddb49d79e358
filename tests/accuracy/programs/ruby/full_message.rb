#: named: 0
#: chain:
#: - {type: RuntimeError, message: export failed, frames: main rescue raise2}
#: - {type: FloatDomainError, message: Infinity, frames: main export round to_i}
#: note: what error trackers and rake print, innermost first
def round(value)
  value.to_i #@ round round; to_i to_i
end

def export #@ rescue export
  round(1.0 / 0) #@ export export
rescue FloatDomainError
  raise "export failed" #@ raise2 rescue in export
end

begin
  export #@ main <main>
rescue => e
  warn e.full_message(highlight: false, order: :top)
end
